/** Agents of servers beside haproxy: the same agent, the same states, weights and limits. */
import {once} from 'node:events';
import net, {type AddressInfo} from 'node:net';
import test from 'ava';
import {type Side, startBoth} from './beside-haproxy.ts';
import {eventually} from './standalone-proxy.ts';

const COLUMNS = ['status', 'weight', 'slim', 'agent_status', 'agent_rise', 'agent_fall', 'agent_health', 'last_agt'];

async function rowOf(side: Side): Promise<string> {
	const [header = '', ...lines] = (await side.ask('show stat pool 4 -1')).split('\n');
	const names = header.slice(2).split(',');
	const cells = lines.find(line => line.startsWith('pool,s1,'))!.split(',');
	return COLUMNS.map(name => `${name}=${cells[names.indexOf(name)]!.replace('* ', '')}`).join(' ');
}

test('what an agent says becomes the state of its server', async t => {
	let line = 'up\n';
	let heard = '';
	const agent = net.createServer(socket => {
		socket.on('error', () => {});
		socket.on('data', chunk => {
			heard = String(chunk);
		});
		socket.end(line);
	});
	agent.listen(0, '127.0.0.1');
	await once(agent, 'listening');
	t.teardown(() => agent.close());
	const {port} = agent.address() as AddressInfo;
	const both = await startBoth(
		t,
		`
global
	stats socket DIR/sock level admin
defaults
	mode http
	timeout connect 2s
	timeout client 10s
	timeout server 10s
frontend web
	bind ADDR:8080
	default_backend pool
backend pool
	server s1 127.0.0.1:1 weight 40 maxconn 9 agent-check agent-port ${port} agent-inter 50ms agent-send "who\\n"
	server s2 127.0.0.1:1
`,
	);
	if (both === undefined) return;
	for (const [said, part] of [
		['up\n', 'last_agt=via agent : up'],
		['50%\n', 'weight=20'],
		['up 100%\n', 'weight=40'],
		['maxconn:5\n', 'slim=5'],
		['down # disk\n', 'status=DOWN (agent)'],
		['up\n', 'status=no check'],
		['drain\n', 'status=DRAIN (agent)'],
		['ready\n', 'status=no check'],
		['maint\n', 'status=MAINT'],
		['ready up\n', 'status=no check'],
		['stopped\n', 'status=DOWN (agent)'],
		['up\n', 'status=no check'],
	] as const) {
		line = said;
		const rows = new Map<string, string>();
		for (const side of both.all) {
			await eventually(
				() => `${side.name} has heard '${said}'; it shows ${rows.get(side.name)}`,
				async () => {
					rows.set(side.name, (await rowOf(side)).replace('DRAIN (agent)', 'DRAIN'));
					return rows.get(side.name)!.includes(part.replace('DRAIN (agent)', 'DRAIN'));
				},
			);
		}
		const comparable = (side: Side) => rows.get(side.name)!.replace(/last_agt=.*/, '');
		t.is(comparable(both.hapair), comparable(both.haproxy), said);
	}
	t.is(heard, 'who\n');
	for (const command of [
		'disable agent pool/s1',
		'set server pool/s1 agent up',
		'enable agent pool/s1',
		'enable agent pool/s2',
		'set server pool/s2 agent up',
	]) {
		const [theirs, ours] = await Promise.all(both.all.map(({ask}) => ask(command)));
		t.is(ours!.trimEnd(), theirs!.trimEnd(), command);
	}
});
