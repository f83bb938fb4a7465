/**
 * What `-v` and `-vv` print. Decides the wording that scripts match on.
 */

import manifest from '../../package.json' with {type: 'json'};

/** The first line has the word "version" and the number in the places where scripts look for them. */
export function describeVersion(form: 'short' | 'long'): string {
	const {version} = manifest;
	const short = `hapair version ${version}, reads the configuration language of HAProxy 1.4 and later\n`;
	if (form === 'short') return short;
	return `${short}Running on: Node.js ${process.version}, ${process.platform} ${process.arch}\nPoller: libuv ${process.versions.uv}\n`;
}
