import test from 'ava';
import type {Answer} from '../src/helpers.ts';
import {SecondChance, type SecondChanceOptions} from '../src/second-chance.ts';

const position = {file: 'a.cfg', line: 1, column: 1};
const done: Answer = {confirmed: true, lines: [], reason: ''};
const silent: Answer = {confirmed: false, lines: [], reason: 'no answer within 400 ms'};
const exists: Answer = {...done, lines: ['RTNETLINK answers: File exists', 'Command failed -:1']};
const refused: Answer = {confirmed: true, lines: ['Error: No such file or directory'], reason: ''};
const standing: Answer = {
	...done,
	lines: ['table ip hapair_c0ffee00 {', 'counter passed {', 'packets 7 bytes 9', 'type filter hook input priority raw'],
};

/** A node whose nft answers as `answer` says, and ip as `rule`; without an answer of its own what stands is there and the rest is done. */
function stage(changes: Partial<SecondChanceOptions> = {}) {
	const asked: string[] = [];
	const script: {answer?: (command: string) => Answer | undefined; rule?: Answer} = {};
	const rules: string[] = [];
	const order = async ([line = '']: readonly string[]): Promise<Answer> => {
		rules.push(line);
		return script.rule ?? done;
	};
	const lost = {count: 0};
	const ask = async ([command = '']: readonly string[]): Promise<Answer> => {
		asked.push(command);
		return script.answer?.(command) ?? (command.startsWith('list') ? standing : done);
	};
	const chance = new SecondChance({
		name: 'hapair_c0ffee00',
		port: 3694,
		leaseMs: 500,
		ip: {4: {ask: order}, 6: {ask: order}},
		nft: {ask},
		paths: [{local: '127.0.0.1', remote: '127.0.0.2'}],
		addresses: [{address: '127.0.0.100', prefixLength: 8, family: 4, interface: 'lo', position}],
		isOn: true,
		hasDriver: false,
		leaseKind: () => 'kernel',
		onRulesLost: () => {
			lost.count += 1;
		},
		...changes,
	});
	return {chance, asked, script, rules, lost};
}

test('A node that takes no part removes once what an earlier life has left', async t => {
	for (const [changes, why] of [
		[{isOn: false}, /switched off/],
		[{hasDriver: true}, /a driver delivers the address/],
		[{leaseKind: () => 'process' as const}, /the kernel does not keep the lease/],
		[{noEarlyDemux: 'net.ipv4.ip_early_demux is 0'}, /ip_early_demux is 0/],
		[{paths: []}, /no heartbeat path over IPv4 on lo/],
		[{ip: {4: {ask: async () => refused}, 6: {ask: async () => refused}}}, /refuses a routing rule .*No such file/],
		[{ip: {4: {ask: async () => silent}, 6: {ask: async () => silent}}}, /ip does not answer/],
	] as const) {
		const {chance, asked} = stage(changes);
		await chance.check();
		await chance.check();
		t.regex(chance.why, why);
		t.is(asked.filter(command => command.includes('delete table ip ')).length, 1);
		t.is(await chance.set({keeping: 1000}), 'unable');
	}
});

test('Once made, the tables are looked at and counted, and at rest nothing is ordered', async t => {
	const {chance, asked} = stage();
	await chance.check();
	t.is(chance.why, '');
	t.true(chance.isIdle);
	asked.length = 0;
	await chance.check();
	t.deepEqual(asked, ['list table ip hapair_c0ffee00']);
	t.is(chance.counts.passed, 7);
	t.is(chance.prepare({}), '', 'a release without anything to keep costs nothing more');
});

test('An order that nft does not confirm is given again until it is', async t => {
	const {chance, asked, script} = stage();
	await chance.check();
	script.answer = command => (command.includes('flush set') ? silent : undefined);
	t.is(await chance.set({passing: 'always'}), 'unsure');
	t.is(await chance.set({}), 'unsure');
	t.false(chance.isIdle, 'the kernel may still pass');
	script.answer = () => undefined;
	asked.length = 0;
	await chance.check();
	t.regex(asked.at(-1) ?? '', /flush set ip hapair_c0ffee00 passing; flush/);
	t.true(chance.isIdle);
});

test('What was prepared for a transaction of the lease counts when that is confirmed', async t => {
	const {chance} = stage();
	await chance.check();
	t.regex(
		chance.prepare({keeping: 60_000}),
		/add element ip hapair_c0ffee00 keeping \{ "lo" timeout (60000|59\d\d\d)ms/,
	);
	t.false(chance.isIdle);
	chance.confirm();
	t.regex(chance.prepare({}), /flush set netdev hapair_c0ffee00 keeping/);
	t.false(chance.isIdle);
	chance.confirm();
	t.true(chance.isIdle);
});

test('Tables that somebody has flushed are made again, with what is under way', async t => {
	const {chance, asked, script} = stage();
	await chance.check();
	await chance.set({passing: 'always'});
	script.answer = command => (command.startsWith('list') ? refused : undefined);
	asked.length = 0;
	await chance.check();
	t.true(asked.some(command => command.includes('add chain ip hapair_c0ffee00 in')));
	t.regex(asked.at(-1) ?? '', /add element ip hapair_c0ffee00 passing/);
	script.answer = command => (command.includes('flush set') ? refused : undefined);
	t.is(await chance.set({}), 'unable', 'nothing is there that could pass');
});

test('Routing rules are asked for at each look: one that somebody has removed stands again and is told of', async t => {
	const {chance, script, rules, lost} = stage();
	await chance.check();
	script.rule = exists;
	await chance.check();
	t.is(rules.filter(rule => rule.startsWith('rule add pref 1 iif lo to 127.0.0.100/32')).length, 2);
	t.is(lost.count, 0);
	script.rule = silent;
	await chance.check();
	t.is(chance.why, '', 'they stood at the last look');
	script.rule = done;
	await chance.check();
	t.is(lost.count, 1);
	script.rule = refused;
	await chance.check();
	t.regex(chance.why, /refuses a routing rule/);
	await chance.close();
	await chance.check();
	t.regex(rules.at(-1) ?? '', /^rule del /, 'nothing is made after the end');
});
