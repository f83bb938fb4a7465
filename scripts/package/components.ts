/**
 * What else is inside: packages of the registry that the bundle holds, and the Node with its own parts.
 *
 * Decides from esbuild's report, so that nothing is listed that is not in the package. Gives the bill of materials (CycloneDX 1.5) and
 * the list of licences.
 */
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

export interface Component {
	readonly name: string;
	readonly version: string;
	/** SPDX expression. */
	readonly licence: string;
	readonly text: Uint8Array;
	/** `sha512-…` of the registry's archive, when the lock file has it. */
	readonly integrity: string | undefined;
}

/** The packages of `node_modules` that went into the bundle, by name. Throws for one without a licence text. */
export function listComponents(
	root: string,
	report: {readonly inputs: Readonly<Record<string, unknown>>},
): Component[] {
	const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
	const folders = Object.keys(report.inputs).flatMap(
		input => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
	);
	return [...new Set(folders)].sort().map(folder => {
		const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
		return {
			name: manifest.name,
			version: manifest.version,
			licence: manifest.license,
			text: readLicence(join(root, folder), manifest),
			integrity: lock.packages?.[folder]?.integrity,
		};
	});
}

function readLicence(folder: string, {name, license, author}: Readonly<Record<string, unknown>>): Uint8Array {
	for (const file of ['LICENSE', 'LICENSE.md', 'LICENCE', 'license', 'LICENSE.txt']) {
		if (existsSync(join(folder, file))) return readFileSync(join(folder, file));
	}
	if (typeof license !== 'string') throw new Error(`${String(name)}: the package names no licence`);
	const holder = typeof author === 'string' ? author : ((author as {name?: string} | undefined)?.name ?? String(name));
	return Buffer.from(`${String(name)} is distributed under ${license}. Copyright: ${holder}.\n`);
}

export interface Bill {
	readonly version: string;
	readonly architecture: string;
	/** Seconds since 1970, of the source. */
	readonly epoch: number;
	readonly components: readonly Component[];
	/** Node's version and those of what is linked into it (`process.versions`). */
	readonly runtime: Readonly<Record<string, string>>;
}

/** CycloneDX 1.5 in JSON, without a serial number and with the source's time: the same package has the same bill. */
export function writeBill({version, architecture, epoch, components, runtime}: Bill): string {
	const {node = '', ...parts} = runtime;
	const purl = (name: string, of: string): string => `pkg:npm/${name.replace('@', '%40')}@${of}`;
	return `${JSON.stringify(
		{
			bomFormat: 'CycloneDX',
			specVersion: '1.5',
			version: 1,
			metadata: {
				timestamp: new Date(epoch * 1000).toISOString(),
				component: {
					type: 'application',
					'bom-ref': `pkg:deb/hapair@${version}?arch=${architecture}`,
					name: 'hapair',
					version,
					licenses: [{license: {id: 'MIT'}}],
				},
			},
			components: [
				...components.map(({name, version: of, licence, integrity}) => ({
					type: 'library',
					'bom-ref': purl(name, of),
					name,
					version: of,
					purl: purl(name, of),
					licenses: [{expression: licence}],
					...(integrity === undefined ? {} : {hashes: [hashOf(integrity)]}),
				})),
				{
					type: 'platform',
					'bom-ref': `pkg:generic/node@${node}`,
					name: 'node',
					version: node,
					purl: `pkg:generic/node@${node}`,
					components: Object.entries(parts)
						.filter(([name]) => name !== 'modules' && name !== 'napi')
						.sort()
						.map(([name, of]) => ({type: 'library', name, version: of})),
				},
			],
		},
		undefined,
		'\t',
	)}\n`;
}

/** Subresource integrity to CycloneDX's hexadecimal. */
function hashOf(integrity: string): {alg: string; content: string} {
	const [, algorithm = '', digest = ''] = /^(sha\d+)-(.*)$/.exec(integrity) ?? [];
	return {alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex')};
}
