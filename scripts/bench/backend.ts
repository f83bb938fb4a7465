/**
 * The web server behind the proxies: answers `/small` with 200 bytes, `/large` with 1 MiB, everything else with an empty 200, a body read or not.
 *
 * Decides that it is nginx when there is one (a file by sendfile, so that it never limits the proxies), else `server-program.ts`.
 */
import type {ChildProcess} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {nginxArgv, waitUntilServing} from './contenders.ts';
import {directory, findFreePorts, start} from './processes.ts';

export const LARGE_BYTES = 1_048_576;
export const smallBody: string = `${'hapair '.repeat(28)}end\n`;

export interface Backend {
	readonly name: 'nginx' | 'node';
	readonly port: number;
	readonly process: ChildProcess;
}

export async function startBackend(nginx: string | undefined): Promise<Backend> {
	const [port = 0] = await findFreePorts(1);
	const program = fileURLToPath(new URL('server-program.ts', import.meta.url));
	const argv = nginx ? nginxArgv(nginx, 'backend', serverLines(port)) : [process.execPath, program, String(port)];
	const child = start(argv);
	await waitUntilServing(child, port);
	return {name: nginx ? 'nginx' : 'node', port, process: child};
}

function serverLines(port: number): string {
	const root = join(directory, 'www');
	mkdirSync(root, {recursive: true});
	writeFileSync(join(root, 'large'), Buffer.alloc(LARGE_BYTES, 'x'));
	return `sendfile on;
    sendfile_max_chunk 1m;
    tcp_nopush on;
    keepalive_timeout 60s;
    open_file_cache max=8;
    server {
        listen 127.0.0.1:${port} backlog=4096;
        keepalive_requests 1000000000;
        default_type text/plain;
        location = /small { return 200 "${smallBody.trimEnd()}\\n"; }
        location = /large { root ${root}; }
        location = /upload { client_max_body_size 0; return 200 ""; }
        location / { return 200 ""; }
    }`;
}
