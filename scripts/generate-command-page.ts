/**
 * `node scripts/generate-command-page.ts`: writes docs/cli.md anew.
 *
 * Leaves the text to `pages/command-page.ts`. A test says when the committed page is old.
 */
import {writeFileSync} from 'node:fs';
import {writeCommandPage} from './pages/command-page.ts';

writeFileSync(new URL('../docs/cli.md', import.meta.url), writeCommandPage());
