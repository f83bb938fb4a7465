/** What only a kernel with rules of its own shows: original destinations, foreign addresses on both sides. Namespaces; root. */
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {addNamespace, removeNamespace, runIn, spawnIn} from '../lab/namespaces.ts';
import {findTool} from '../lab/tools.ts';
import {waitFor} from '../lab/wait.ts';

const hapair = fileURLToPath(new URL('../../packages/cli/bin/hapair.mjs', import.meta.url));

/** Answers every request with both ends of its connection. */
const SERVER = `require('node:net').createServer(socket => {
	const ends = [socket.localAddress, socket.localPort, socket.remoteAddress].join(' ');
	socket.once('data', () => socket.end('HTTP/1.0 200 OK\\r\\n\\r\\n' + ends));
	socket.on('error', () => {});
}).listen({port: 80, host: '0.0.0.0'}, () => console.log('listening'));`;

const CLIENT = `const [host, port, localAddress] = process.argv.slice(1);
const socket = require('node:net').connect({host, port: Number(port), localAddress});
socket.on('error', error => { console.log(error.code); process.exit(0); });
socket.write('GET / HTTP/1.0\\r\\n\\r\\n');
socket.pipe(process.stdout);`;

const CONFIGURATION = `defaults
 mode http
 timeout client 5s
 timeout server 5s
 timeout connect 5s
listen redirected
 bind 0.0.0.0:8080
 option transparent
 source 10.9.0.2
listen foreign
 bind 192.0.2.77:8081 transparent
 server s 10.9.0.9:80 source 0.0.0.0 usesrc clientip
`;

const RULES = `table ip test {
	chain output {
		type nat hook output priority -100
		ip saddr 10.9.0.1 tcp dport 80 redirect to :8080
	}
}`;

test.serial(
	'a redirected client reaches the address it wanted; a foreign address is listened at and shown',
	async t => {
		t.timeout(60_000);
		const namespace = `hapair-tp-${process.pid}-a`;
		const directory = mkdtempSync(join(tmpdir(), 'hapair-transparent-'));
		let said = '';
		try {
			addNamespace(namespace);
			for (const address of ['10.9.0.1', '10.9.0.2', '10.9.0.8', '10.9.0.9'])
				runIn(namespace, ['ip', 'addr', 'add', `${address}/32`, 'dev', 'lo']);
			// Everything of these two networks is answered here, though no address of them is on any interface.
			runIn(namespace, ['ip', 'route', 'add', 'local', '192.0.2.0/24', 'dev', 'lo']);
			runIn(namespace, ['ip', 'route', 'add', 'local', '198.51.100.0/24', 'dev', 'lo']);
			runIn(namespace, [findTool('nft'), '-f', '-'], RULES);
			writeFileSync(join(directory, 'haproxy.cfg'), CONFIGURATION);
			const server = spawnIn(namespace, [process.execPath, '-e', SERVER], {stdio: ['ignore', 'pipe', 'inherit']});
			await once(server.stdout!, 'data');
			const proxy = spawnIn(
				namespace,
				[process.execPath, hapair, 'proxy', '-db', '-f', join(directory, 'haproxy.cfg')],
				{
					stdio: ['ignore', 'pipe', 'pipe'],
				},
			);
			for (const stream of [proxy.stdout, proxy.stderr]) {
				stream!.on('data', chunk => {
					said += chunk;
				});
			}
			const ask = (...args: readonly string[]) => {
				const text = runIn(namespace, [process.execPath, '-e', CLIENT, ...args]);
				return text.slice(text.indexOf('\r\n\r\n') + 4);
			};
			await waitFor('the proxy to listen', async () => ask('192.0.2.77', '8081', '10.9.0.8').startsWith('10.9'), {
				deadlineMs: 30_000,
				everyMs: 100,
			});
			t.is(
				ask('10.9.0.8', '80', '10.9.0.1'),
				'10.9.0.8 80 10.9.0.2',
				'redirected to 8080, sent on to where it was meant to go',
			);
			t.is(ask('10.9.0.9', '80', '10.9.0.1'), '10.9.0.9 80 10.9.0.2');
			t.is(ask('192.0.2.77', '8081', '198.51.100.7'), '10.9.0.9 80 198.51.100.7', 'the server sees the client');
		} catch (error) {
			t.log(said);
			throw error;
		} finally {
			removeNamespace(namespace);
			rmSync(directory, {recursive: true, force: true});
		}
	},
);
