import test from 'ava';
import {
	type AnnouncementFacts,
	judgeAnnouncement,
	type Rehearsal,
	readRehearsal,
} from '../../src/doctor/checks/announcement.ts';
import {judgeStranger} from '../../src/doctor/checks/stranger.ts';
import type {Grade} from '../../src/doctor/finding.ts';

const facts: AnnouncementFacts = {device: 'eth0', peer: 'lb2', virtualAddress: '10.0.0.100', drivers: []};
const mac = '02:00:00:00:00:02';
const open: Rehearsal = {peerMac: mac, echo: true, used: new Map(), address: '10.0.0.77', asked: 'yes', garp: true};

for (const [title, changes, grade, words] of [
	['an open network', {}, 'ok', /learned by gratuitous ARP/],
	['no gratuitous ARP', {garp: false, answer: true}, 'fail', /^no gratuitous ARP/],
	[
		'ARP of unknown addresses dropped',
		{garp: false, answer: false, sender: false},
		'fail',
		/^MAC lock.*10\.0\.0\.100 too/,
	],
	['the same, not tried with the virtual address', {garp: false, answer: false}, 'warn', /^MAC lock.*cannot be tried/],
	[
		'the same, the virtual address excepted',
		{garp: false, answer: false, sender: true},
		'ok',
		/^MAC lock.*lets 10\.0\.0\.100 through/,
	],
	['packets of unknown addresses dropped', {asked: 'no', sender: false}, 'fail', /^anti-spoof.*too/],
	[
		'the same, ARP passes but packets do not',
		{asked: 'no', sender: true, virtualEcho: false},
		'fail',
		/^anti-spoof.*too/,
	],
	[
		'packets of unknown addresses dropped, the virtual address excepted',
		{asked: 'no', sender: true},
		'ok',
		/^anti-spoof.*lets/,
	],
	['a peer that answers no echo at all', {asked: 'no', echo: false, sender: true}, 'unknown', /answers no echo/],
	['an address that the peer knew', {asked: 'early'}, 'unknown', /not known/],
	['a peer that is off', {peerMac: undefined}, 'unknown', /does not answer ARP/],
] as unknown as readonly (readonly [string, Partial<Rehearsal>, Grade, RegExp])[]) {
	test(`announcement, ${title}: ${grade}`, t => {
		const {garp, ...rest} = {...open, ...changes};
		const rehearsal = rest.asked === 'yes' && garp !== undefined ? {...rest, garp} : rest;
		const found = judgeAnnouncement({...facts, rehearsal});
		t.regex(found.message, words);
		t.is(found.grade, grade);
		// Where a driver moves the address the announcement need not work.
		const moved = judgeAnnouncement({...facts, drivers: ['hetzner-cloud'], rehearsal});
		t.not(moved.grade, 'fail');
		if (grade === 'fail') t.regex(moved.message, /here takeover hetzner-cloud moves the address/);
	});
}

test('every address answered by one machine is proxy ARP, by several a crowd', t => {
	const crowd = (...macs: string[]) => {
		const used = new Map(macs.map((each, index) => [`10.0.0.${index}`, each]));
		return judgeAnnouncement({...facts, rehearsal: {peerMac: mac, echo: true, used}});
	};
	t.regex(crowd('aa', 'aa', 'aa').message, /^proxy ARP: aa answers/);
	t.is(crowd('aa', 'aa', 'aa').grade, 'fail');
	t.is(crowd('aa', 'bb').grade, 'unknown');
});

test('a router between the nodes is a failure, other obstacles leave it unknown', t => {
	t.is(judgeAnnouncement({...facts, obstacle: {message: 'routed', isFatal: true}}).grade, 'fail');
	t.is(judgeAnnouncement({...facts, obstacle: {message: 'IPv6'}}).grade, 'unknown');
});

test('the words of the program', t => {
	const lines = ['peer 02:00:00:00:00:02', 'echo yes', 'used 10.0.0.9 02:00:00:00:00:09', 'address 10.0.0.77'];
	const output = [...lines, 'asked yes', 'garp no', 'answer yes', 'sender yes', 'vipecho no', 'end yes'].join('\n');
	t.deepEqual(readRehearsal(output), {
		peerMac: mac,
		echo: true,
		used: new Map([['10.0.0.9', '02:00:00:00:00:09']]),
		address: '10.0.0.77',
		asked: 'yes',
		garp: false,
		answer: true,
		sender: true,
		virtualEcho: false,
	});
	t.is(readRehearsal('peer silent')?.peerMac, undefined);
	t.is(readRehearsal(lines.join('\n')), undefined, 'it did not come to its end');
	t.is(readRehearsal('socket: Operation not permitted'), undefined);
	t.false('address' in (readRehearsal('peer aa\necho yes\naddress none\nend yes') ?? {}));
});

test('a stranger is neither the peer nor a proxy of everything', t => {
	const grades = (used: readonly (readonly [string, string])[], more: Partial<Rehearsal> = {}) =>
		judgeStranger({...facts, rehearsal: {...open, used: new Map(used), ...more}}).map(({grade}) => grade);
	t.deepEqual(grades([]), ['ok']);
	t.deepEqual(grades([['10.0.0.100', mac]]), ['ok']);
	t.deepEqual(grades([['10.0.0.100', 'bb']]), ['fail']);
	const {address: _, ...everythingUsed} = open;
	t.deepEqual(judgeStranger({...facts, rehearsal: {...everythingUsed, used: new Map([['10.0.0.100', 'bb']])}}), []);
	t.deepEqual(judgeStranger(facts), []);
});
