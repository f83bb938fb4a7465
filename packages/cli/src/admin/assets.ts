/**
 * The dashboard's files, read once and kept packed.
 *
 * Decides what is served without a login: these files and nothing else; they hold no figures. Leaves their making to `scripts/build-dashboard.mjs`.
 */
import {createHash} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import {acceptsGzip, sendBytes, sendRefusal} from './answers.ts';

const FILES: Readonly<Record<string, {readonly name: string; readonly type: string}>> = {
	'/': {name: 'index.html', type: 'text/html; charset=utf-8'},
	'/dashboard.js': {name: 'dashboard.js', type: 'text/javascript; charset=utf-8'},
	'/dashboard.css': {name: 'dashboard.css', type: 'text/css; charset=utf-8'},
	'/icon.svg': {name: 'icon.svg', type: 'image/svg+xml'},
};

export const assetPaths: readonly string[] = Object.keys(FILES);

/** Beside the built program, or in its place when the sources run. */
const folders = ['./dashboard/', '../../dist/dashboard/'].map(path => fileURLToPath(new URL(path, import.meta.url)));

interface Asset {
	readonly plain: Buffer;
	readonly packed: Buffer;
	readonly tag: string;
}

export class Assets {
	readonly #folder = folders.find(folder => existsSync(folder));
	readonly #kept = new Map<string, Asset>();

	/** Answers a path of `assetPaths`. */
	send(request: IncomingMessage, response: ServerResponse, path: string): void {
		const file = FILES[path];
		const asset = file === undefined ? undefined : this.#read(file.name);
		if (file === undefined || asset === undefined) {
			const message =
				'the dashboard is not built here; npm run build makes it. /api and /metrics are served all the same';
			sendRefusal(request, response, {status: 404, message});
			return;
		}
		const headers = {ETag: asset.tag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding'};
		if (request.headers['if-none-match'] === asset.tag) {
			sendBytes(request, response, 304, Buffer.alloc(0), headers);
			return;
		}
		const isPacked = acceptsGzip(request);
		sendBytes(request, response, 200, isPacked ? asset.packed : asset.plain, {
			...headers,
			'Content-Type': file.type,
			...(isPacked ? {'Content-Encoding': 'gzip'} : {}),
		});
	}

	#read(name: string): Asset | undefined {
		const kept = this.#kept.get(name);
		if (kept !== undefined || this.#folder === undefined) return kept;
		try {
			const plain = readFileSync(`${this.#folder}${name}`);
			const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
			const asset = {plain, packed: gzipSync(plain, {level: 9}), tag};
			this.#kept.set(name, asset);
			return asset;
		} catch {
			return undefined;
		}
	}
}
