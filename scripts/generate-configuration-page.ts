/**
 * `node scripts/generate-configuration-page.ts`: writes docs/configuration.md anew.
 *
 * Leaves the text to `pages/configuration-page.ts`. A test says when the committed page is old.
 */
import {writeFileSync} from 'node:fs';
import {KEYWORDS} from '@hapair/config';
import {writeConfigurationPage} from './pages/configuration-page.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), writeConfigurationPage(KEYWORDS));
