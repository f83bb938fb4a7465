/** Lines of the global section: two whole proxies that differ in all of them, so that each row is seen in one and otherwise in the other. */
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import net from 'node:net';
import {join} from 'node:path';
import type {ExecutionContext} from 'ava';
import {ownAddress, type StandaloneProxy, startStandalone} from '../compat/standalone-proxy.ts';
import {waitFor} from '../lab/wait.ts';
import {ask} from './client.ts';

export interface GlobalStage {
	readonly proxy: StandaloneProxy;
	readonly address: string;
	/** The first syslog message. */
	readonly message: string;
}

export interface GlobalCase {
	readonly rows: readonly string[];
	readonly observe: (stage: GlobalStage) => Promise<string> | string;
	readonly sees: string | RegExp;
	readonly otherwise: string | RegExp;
}

const WITH = `
    node here
    description some text
    maxconn 77
    log-tag tagged
    log-send-hostname named
    tune.bufsize 32768
    stats socket DIR/other mode 600 level user uid 1 gid 1
    stats timeout 100
`;
const WITHOUT = `
    stats socket DIR/other mode 666 level admin
`;

export async function startGlobals(t: ExecutionContext, isWith: boolean): Promise<GlobalStage> {
	const receiver = createSocket('udp4').bind(0, '127.0.0.1');
	await once(receiver, 'listening');
	t.teardown(() => receiver.close());
	let message = '';
	receiver.on('message', bytes => {
		message ||= bytes.toString('latin1');
	});
	const address = ownAddress();
	const text = `
global
    log 127.0.0.1:${receiver.address().port} local0
    stats socket DIR/sock level admin
    nbthread 1
global
${isWith ? WITH : WITHOUT}
listen in ${address}:8080
    mode http
    log global
    option httplog
    contimeout 1000
    clitimeout 5000
    srvtimeout 5000
    block if TRUE
`;
	const proxy = await startStandalone(t, text);
	await ask(8080, {to: address});
	await waitFor('a message', () => message !== '');
	return {proxy, address, message};
}

const info =
	(name: string) =>
	async ({proxy}: GlobalStage) =>
		new RegExp(`^${name}: (.*)$`, 'm').exec(await proxy.ask('show info'))?.[1] ?? 'none';
const file = ({proxy}: GlobalStage) => statSync(join(proxy.directory, 'other'));
/** What the other socket says to an order that only an operator or an administrator may give. */
const order = ({proxy}: GlobalStage) =>
	new Promise<string>(resolve => {
		let got = '';
		const socket = net.connect(join(proxy.directory, 'other'), () => socket.write('disable server in/none\n'));
		socket.on('data', data => {
			got += String(data);
		});
		socket.on('close', () => resolve(got.trim()));
	});
/** Whether a silent connection to the other socket is closed. */
const silent = ({proxy}: GlobalStage) =>
	new Promise<string>(resolve => {
		const socket = net.connect(join(proxy.directory, 'other'));
		const timer = setTimeout(() => {
			resolve('open');
			socket.destroy();
		}, 2000);
		socket.resume();
		socket.on('close', () => {
			clearTimeout(timer);
			resolve('closed');
		});
	});
const longHead = async ({address}: GlobalStage) =>
	(await ask(8080, {to: address, headers: [`X-Long: ${'x'.repeat(20_000)}`]})).slice(9, 12);

export const globalCases: readonly GlobalCase[] = [
	{rows: ['global|node', 'section|global'], observe: info('node'), sees: 'here', otherwise: /^(?!here$)/},
	{rows: ['global|description'], observe: info('description'), sees: 'some text', otherwise: /^(?!some text$)/},
	{rows: ['global|maxconn'], observe: info('Maxconn'), sees: '77', otherwise: /^(?!77$)\d+$/},
	{rows: ['global|log-tag'], observe: ({message}) => message, sees: / tagged\[\d+\]: /, otherwise: / haproxy\[\d+\]: /},
	{
		rows: ['global|log-send-hostname'],
		observe: ({message}) => message,
		sees: /:\d\d named /,
		otherwise: /:\d\d haproxy\[/,
	},
	{rows: ['global|tune.bufsize'], observe: longHead, sees: '403', otherwise: '400'},
	{
		rows: ['global|stats socket mode'],
		observe: stage => (file(stage).mode & 0o777).toString(8),
		sees: '600',
		otherwise: '666',
	},
	{rows: ['global|stats socket uid'], observe: stage => String(file(stage).uid), sees: '1', otherwise: '0'},
	{rows: ['global|stats socket gid'], observe: stage => String(file(stage).gid), sees: '1', otherwise: '0'},
	{rows: ['global|stats socket level'], observe: order, sees: /[Pp]ermission denied/, otherwise: /No such server/},
	{rows: ['global|stats timeout'], observe: silent, sees: 'closed', otherwise: 'open'},
];
