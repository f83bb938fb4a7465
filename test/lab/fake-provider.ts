/**
 * A provider inside a lab: the Hetzner Cloud API of the drivers' tests, on a link-local address that both nodes reach.
 *
 * Run as a program: the address to listen on and the directory for what it has to say. Decides that actions take half a second. It writes where the
 * floating IP is into the file `holder` at each change.
 */
import {renameSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {join} from 'node:path';
import {fakeHetznerCloud} from '../../packages/takeover/test/fake/hetzner-cloud.ts';
import {FakeAddress} from '../../packages/takeover/test/fake/provider.ts';
import {Random} from '../../packages/takeover/test/fake/random.ts';

const [host = '127.0.0.1', directory = '.'] = process.argv.slice(2);
const address = new FakeAddress(new Random(1), {actionMs: [500, 500], actionFails: 0, lagMs: 0});
const api = fakeHetznerCloud(address);

createServer((incoming, outgoing) => {
	let body = '';
	incoming.on('data', chunk => {
		body += chunk;
	});
	incoming.on('end', () => {
		const url = new URL(incoming.url ?? '/', 'http://provider.test');
		const headers = new Headers({authorization: incoming.headers.authorization ?? ''});
		const answer = api({method: incoming.method ?? '', url, headers, body}, performance.now());
		outgoing.writeHead(answer.status, answer.headers);
		outgoing.end(JSON.stringify(answer.body));
	});
}).listen(8080, host);

let before: string | undefined;
setInterval(() => {
	const holder = address.holder(performance.now()) ?? 'nobody';
	if (holder === before) return;
	before = holder;
	writeFileSync(join(directory, 'holder.new'), holder);
	renameSync(join(directory, 'holder.new'), join(directory, 'holder'));
}, 20);
