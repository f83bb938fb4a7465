/** Connection modes, ports of a range, and what is limited or timed between client, proxy and server. */
import net from 'node:net';
import {ask, statusOf} from './client.ts';
import type {Case, Group, Run} from './harness.ts';
import {got, web, withDefaults} from './web-case.ts';

const LISTEN = 'listen NAME 127.0.0.1:PORT\n    LINE\n    server s1 127.0.0.1:S1';
const keepAlive = withDefaults('mode http', LISTEN);
const inherited = (option: string) => withDefaults(`mode http\n    ${option}`, LISTEN);
/** How many of two requests on one connection are answered. */
const answers = ({port}: Run) =>
	new Promise<string>(resolve => {
		const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
		let text = '';
		let isSecond = false;
		const count = () => text.split('X-Server: ').length - 1;
		const finish = () => {
			resolve(String(count()));
			socket.destroy();
		};
		const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
		socket.on('error', finish);
		socket.on('close', finish);
		socket.on('end', finish);
		socket.on('data', data => {
			text += data.toString('latin1');
			// The body of an answer ends with the request's own end.
			if (count() === 1 && !isSecond && text.endsWith('\r\n\r\n') && text.split('\r\n\r\n').length > 2) {
				isSecond = true;
				socket.write(request);
			}
			if (count() === 2) finish();
		});
	});
/** What the server is told about its connection when the client keeps its own. */
const told = got('connection', {headers: ['Connection: keep-alive'], withinMs: 1000});

const modes: Case[] = [
	web('proxy option|option httpclose', 'option httpclose', answers, '1', '2', '', keepAlive),
	web('proxy option|no option httpclose', 'no option httpclose', answers, '2', '1', '', inherited('option httpclose')),
	web('proxy option|option forceclose', 'option forceclose', answers, '1', '2', '', keepAlive),
	web(
		'proxy option|no option forceclose',
		'no option forceclose',
		answers,
		'2',
		'1',
		'',
		inherited('option forceclose'),
	),
	web(
		'proxy option|option http-server-close',
		'option http-server-close',
		told,
		'close',
		/^(-|keep-alive)$/,
		'',
		keepAlive,
	),
	web(
		'proxy option|no option http-server-close',
		'no option http-server-close',
		told,
		/^(-|keep-alive)$/,
		'close',
		'',
		inherited('option http-server-close'),
	),
	web(
		'proxy option|option http-pretend-keepalive',
		'option http-pretend-keepalive',
		told,
		/^(-|keep-alive)$/,
		'close',
		'',
		inherited('option http-server-close'),
	),
	web(
		'proxy option|no option http-pretend-keepalive',
		'no option http-pretend-keepalive',
		told,
		'close',
		/^(-|keep-alive)$/,
		'',
		inherited('option http-server-close\n    option http-pretend-keepalive'),
	),
	web(
		'syntax|no',
		'no option forwardfor',
		got('x-forwarded-for'),
		'-',
		'127.0.0.1',
		'',
		inherited('option forwardfor'),
	),
];

const idle = ({port}: Run) =>
	new Promise<string>(resolve => {
		const socket = net.connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
		const timer = setTimeout(() => {
			resolve('open');
			socket.destroy();
		}, 1500);
		socket.resume();
		socket.on('error', () => {});
		socket.on('end', () => socket.end());
		socket.on('close', () => {
			clearTimeout(timer);
			resolve('closed');
		});
	});
const others: Case[] = [
	web(
		'proxy|timeout http-keep-alive',
		'timeout http-keep-alive 50',
		idle,
		'closed',
		'open',
		'timeout http-keep-alive 20s',
		keepAlive,
	),
	web(
		'proxy|hash-type',
		'hash-type consistent',
		async ({port}) => {
			let names = '';
			for (let n = 0; n < 32; n++) names += /^X-Server: s(.)/m.exec(await ask(port, {path: `/${n}`}))?.[1] ?? '-';
			return names;
		},
		/^[12]{32}$/,
		/^[12]{32}$/,
		'hash-type map-based',
		'\nlisten NAME 127.0.0.1:PORT\n balance uri\n LINE\n server s1 127.0.0.1:S1\n server s2 127.0.0.1:S2\n',
	),
	web(
		'proxy|rate-limit sessions',
		'rate-limit sessions 1',
		async ({port}) => {
			const seen: string[] = [];
			for (let n = 0; n < 4; n++) seen.push(statusOf(await ask(port, {withinMs: 300})));
			return seen.includes('none') ? 'none' : '200';
		},
		'none',
		'200',
	),
];

export const connectionsGroup: Group = {name: 'connections', cases: [...modes, ...others]};
