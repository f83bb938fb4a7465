/** Puts the page together and into the document. */
import {render} from 'preact';
import {App} from './views/app.tsx';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
