import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {BirdInclude, protocolName} from '../src/bird-include.ts';
import {askBird, parseAnswer} from '../src/bird-socket.ts';
import type {CallContext} from '../src/driver.ts';
import {Bgp} from '../src/drivers/bgp.ts';

const position = {file: '', line: 0, column: 0};
const pair = {
	name: 'oslo',
	virtualAddresses: [
		{address: '10.0.0.100', prefixLength: 32, family: 4, interface: 'eth0', position},
		{address: '2001:db8::5', prefixLength: 128, family: 6, interface: 'lo', position},
	],
} as const;
const signal = new AbortController().signal;
const context: CallContext = {signal, term: 7, mayChange: () => {}};

function makeDirectory(t: ExecutionContext): string {
	const directory = mkdtempSync(join(tmpdir(), 'hapair-bird-'));
	t.teardown(() => rmSync(directory, {recursive: true}));
	return directory;
}

/** Something that listens where BIRD would and answers from a table; other commands get silence. */
async function serveBird(
	t: ExecutionContext,
	answers: Readonly<Record<string, string>>,
): Promise<{control: string; asked: string[]}> {
	const control = join(makeDirectory(t), 'bird.ctl');
	const asked: string[] = [];
	const server = createServer(socket => {
		socket.on('error', () => {});
		socket.write('0001 BIRD 2.0.12 ready.\n');
		socket.on('data', chunk => {
			const command = chunk.toString().trim();
			asked.push(command);
			socket.write(answers[command] ?? '');
		});
	});
	await new Promise<void>(resolve => server.listen(control, resolve));
	t.teardown(() => server.close());
	return {control, asked};
}

test('an answer is complete with the line that has a space behind its code', t => {
	t.is(parseAnswer(''), undefined);
	t.is(parseAnswer('0002-Reading configuration from /etc/bird/bird.conf\n'), undefined);
	t.is(parseAnswer('0003 Reconf'), undefined);
	t.deepEqual(parseAnswer('0002-Reading configuration from a.conf\n0003 Reconfigured\n'), {
		code: 3,
		lines: ['Reading configuration from a.conf', 'Reconfigured'],
	});
	t.deepEqual(parseAnswer('2002-Name Proto\n1002-device1 Device\n router BGP Established\n0000 \n'), {
		code: 0,
		lines: ['Name Proto', 'device1 Device', 'router BGP Established', ''],
	});
});

test('a BIRD that is not there, says nothing or says too much is a sentence', async t => {
	await t.throwsAsync(askBird('/nonexistent/bird.ctl', 'show status', signal), {
		message: 'BIRD at /nonexistent/bird.ctl cannot be asked (ENOENT): does it run?',
	});
	const {control} = await serveBird(t, {flood: `1000-${'x'.repeat(1_100_000)}\n`});
	await t.throwsAsync(askBird(control, 'flood', signal), {message: /answered with more than 1048576 bytes$/});
	const abort = new AbortController();
	setTimeout(() => abort.abort(), 50);
	await t.throwsAsync(askBird(control, 'silence', abort.signal), {message: `BIRD at ${control} was not waited for`});
});

test('the include file has a protocol for each address that is announced, and a later term is a lower MED', async t => {
	const directory = makeDirectory(t);
	const include = new BirdInclude(join(directory, 'hapair.conf'), pair);
	await include.set('10.0.0.100', undefined);
	const read = () => readFileSync(include.path, 'utf8');
	t.is(read(), '# Written by hapair: what this node announces for pair oslo. Changes here are overwritten.\n');
	await Promise.all([include.set('2001:db8::5', 3), include.set('10.0.0.100', 4)]);
	t.is(protocolName('2001:db8::5'), 'hapair_2001_db8__5');
	t.deepEqual(
		read()
			.split('\n')
			.filter(line => /protocol|net|med|interface|ipv/.test(line))
			.map(line => line.trim()),
		[
			'protocol direct hapair_10_0_0_100 {',
			'ipv4 {',
			'if net != 10.0.0.100/32 then reject;',
			'bgp_med = 4294967291;',
			'interface "eth0";',
			'protocol direct hapair_2001_db8__5 {',
			'ipv6 {',
			'if net != 2001:db8::5/128 then reject;',
			'bgp_med = 4294967292;',
			'interface "lo";',
		],
	);
	t.deepEqual(readdirSync(directory), ['hapair.conf'], 'nothing else is left there');
	const lost = new BirdInclude('/nonexistent/hapair.conf', pair);
	await t.throwsAsync(lost.set('10.0.0.100', 1), {message: '/nonexistent/hapair.conf cannot be written (ENOENT)'});
});

test('the route in BIRD’s table is what counts, and a table without sessions is remarked on', async t => {
	const route = 'show route 10.0.0.100/32 protocol hapair_10_0_0_100';
	const cases = [
		['8001 Network not found\n', '', {at: 'nowhere'}],
		['9001 syntax error, unexpected CF_SYM_UNDEFINED\n', '', {at: 'nowhere'}],
		[
			'1007-10.0.0.100/32 unicast\n0000 \n',
			'2002-Name Proto\n1002-router BGP --- up now Established\n0000 \n',
			{at: 'here', detail: '1 of 1 BGP session established'},
		],
		[
			'1007-10.0.0.100/32 unicast\n0000 \n',
			'2002-Name Proto\n1002-router BGP --- start now Active\n0000 \n',
			{
				at: 'here',
				detail: '0 of 1 BGP session established',
				remark: 'no BGP session is established: nobody hears the route',
			},
		],
	] as const;
	for (const [answer, protocols, expected] of cases) {
		const {control} = await serveBird(t, {[route]: answer, 'show protocols': protocols});
		const file = join(makeDirectory(t), 'hapair.conf');
		const driver = new Bgp({kind: 'bgp', file, control, position}, '10.0.0.100', new BirdInclude(file, pair));
		t.deepEqual(await driver.read(context), expected);
	}
});

test('a configuration that BIRD refuses, or that does not include the file, is named', async t => {
	const route = 'show route 10.0.0.100/32 protocol hapair_10_0_0_100';
	const file = join(makeDirectory(t), 'hapair.conf');
	const make = async (configure: string) => {
		const {control} = await serveBird(t, {configure, [route]: '9001 syntax error\n'});
		return new Bgp({kind: 'bgp', file, control, position}, '10.0.0.100', new BirdInclude(file, pair));
	};
	const refused = await make(
		'0002-Reading configuration from a.conf\n8002 a.conf:4:14 syntax error, unexpected ROUTER\n',
	);
	await t.throwsAsync(refused.assign(context), {
		message:
			'BIRD did not take its configuration: Reading configuration from a.conf; a.conf:4:14 syntax error, unexpected ROUTER',
	});
	const deaf = await make('0002-Reading configuration from a.conf\n0003 Reconfigured\n');
	await deaf.assign(context);
	await t.throwsAsync(deaf.read(context), {
		message: `BIRD has no protocol hapair_10_0_0_100: does bird.conf include ${file}?`,
	});
});
