/**
 * How long a process takes until it is of use: a daemon until its first answer, a check of a long file until its verdict.
 *
 * Decides the file (2,000 lines, the shape of a hosting company's: many backends with servers, rules in the frontend). Times are wall
 * clock, process start included, so a busy machine lengthens them all.
 */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {hapairMain, waitUntilServing, writeHaproxyFile} from './contenders.ts';
import {directory, findFreePorts, run, start, stop} from './processes.ts';

const FILE_LINES = 2000;
const LINES_PER_BACKEND = 10;
/** Between two looks at whether a starting process serves. */
const STEP_MS = 5;

/** Milliseconds by what was measured. */
export async function measureStartUp(
	haproxy: string | undefined,
	backend: number,
	log: number,
): Promise<Map<string, number>> {
	const times = new Map<string, number>();
	const [listen = 0] = await findFreePorts(1);
	const file = writeHaproxyFile({listen, backend, log});
	const long = writeLongFile(listen, backend);
	const serving = async (name: string, argv: readonly string[]) => {
		const begin = performance.now();
		const child = start(argv);
		try {
			await waitUntilServing(child, listen, '/small', STEP_MS);
			times.set(name, performance.now() - begin);
		} finally {
			await stop(child);
		}
	};
	const ended = async (name: string, argv: readonly string[]) => {
		const begin = performance.now();
		await run(argv);
		times.set(name, performance.now() - begin);
	};
	const hapair = [process.execPath, hapairMain];
	const daemonFiles = ['--socket', join(directory, 'hapair.sock'), '--pid-file', join(directory, 'hapair.pid')];
	await serving('hapair run: first answer', [...hapair, 'run', '-f', file, ...daemonFiles]);
	await serving('hapair proxy: first answer', [...hapair, 'proxy', '-db', '-f', file]);
	if (haproxy) await serving('haproxy: first answer', [haproxy, '-db', '-f', file]);
	await ended(`hapair check, ${FILE_LINES} lines`, [...hapair, 'check', '-f', long]);
	await ended(`hapair proxy -c, ${FILE_LINES} lines`, [...hapair, 'proxy', '-c', '-f', long]);
	if (haproxy) await ended(`haproxy -c, ${FILE_LINES} lines`, [haproxy, '-c', '-f', long]);
	return times;
}

function writeLongFile(listen: number, backend: number): string {
	const backends = Math.floor((FILE_LINES - 12) / (LINES_PER_BACKEND + 2));
	const lines = [
		'global',
		'    maxconn 8192',
		'defaults',
		'    mode http',
		'    timeout connect 5s',
		'    timeout client 50s',
		'    timeout server 50s',
		'frontend http-in',
		`    bind 127.0.0.1:${listen}`,
		'    default_backend site-0',
	];
	for (let i = 0; i < backends; i++) lines.push(`    acl host-${i} hdr(host) -i site-${i}.example`);
	for (let i = 0; i < backends; i++) lines.push(`    use_backend site-${i} if host-${i}`);
	for (let i = 0; lines.length < FILE_LINES; i++) {
		const servers = Array.from({length: LINES_PER_BACKEND - 4}, (_, n) => {
			return `    server web${n} 127.0.0.1:${backend} check inter 2s cookie web${n} weight ${n + 1}`;
		});
		const head = [
			`backend site-${i}`,
			'    balance roundrobin',
			'    option httpchk GET /',
			'    cookie SERVERID insert indirect',
		];
		lines.push(...(i < backends ? [...head, ...servers] : ['    # spare line']));
	}
	const path = join(directory, 'long.cfg');
	writeFileSync(path, `${lines.slice(0, FILE_LINES).join('\n')}\n`);
	return path;
}
