/**
 * What `npm run package` can be asked.
 */
import {parseArgs} from 'node:util';
import type {Architecture} from './runtime.ts';

export const help = `Usage: npm run package [-- --arch amd64|arm64] [--output FOLDER] [--version VERSION] [--level 0-9] [--no-archive]

Makes hapair as a Debian package, and as an archive for other distributions, for both processors. The same commit gives the same
bytes: files bear the time of the commit, or SOURCE_DATE_EPOCH. Takes about a minute for each file, or --level 0.

  --arch NAME        amd64 or arm64; may be given twice (both)
  --output FOLDER    where they go (out)
  --version VERSION  what the package and the program in it say (that of packages/cli)
  --level N          of xz: 0 is fast and a quarter larger, 9 is slow (6)
  --no-archive       the Debian package alone

Needs npm, dpkg-deb, tar and xz. Try the result: npm run package:try -- --help

Example: npm run package -- --arch amd64 --no-archive
`;

export interface PackageOptions {
	readonly architectures: readonly Architecture[];
	readonly output: string;
	/** Undefined: that of the source. */
	readonly version: string | undefined;
	/** xz's level, 0 to 9. */
	readonly level: number;
	readonly archive: boolean;
}

/** @param output where packages go unless told otherwise. */
export function readOptions(
	argv: readonly string[],
	output: string,
): PackageOptions | {readonly help: true} | {readonly complaint: string} {
	try {
		const {values} = parseArgs({
			args: [...argv],
			options: {
				arch: {type: 'string', multiple: true, default: ['amd64', 'arm64']},
				output: {type: 'string', default: output},
				level: {type: 'string', default: '6'},
				version: {type: 'string'},
				'no-archive': {type: 'boolean', default: false},
				help: {type: 'boolean', short: 'h', default: false},
			},
		});
		if (values.help) return {help: true};
		const wrong = values.arch.find(name => !isArchitecture(name));
		if (wrong !== undefined) return {complaint: `--arch takes amd64 or arm64, not "${wrong}"`};
		if (!/^\d$/.test(values.level)) return {complaint: `--level takes 0 to 9, not "${values.level}"`};
		// Debian policy §5.6.12, without an epoch.
		if (values.version !== undefined && !/^\d[A-Za-z0-9.+~-]*$/.test(values.version))
			return {
				complaint: `--version begins with a digit and has letters, digits, ".", "+", "~", "-": "${values.version}"`,
			};
		return {
			architectures: [...new Set(values.arch.filter(isArchitecture))],
			output: values.output,
			version: values.version,
			level: Number(values.level),
			archive: !values['no-archive'],
		};
	} catch (error) {
		return {complaint: error instanceof Error ? error.message : String(error)};
	}
}

function isArchitecture(word: string): word is Architecture {
	return word === 'amd64' || word === 'arm64';
}
