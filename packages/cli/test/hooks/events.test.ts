import type {Hook} from '@hapair/config';
import test from 'ava';
import {
	concerns,
	type HookOccasion,
	hookEnvironment,
	keepalivedArguments,
	occasionOfPairEvent,
	occasionOfTransition,
	topicOf,
	webhookBody,
} from '../../src/hooks/events.ts';
import {sampleOccasion} from '../helpers/samples.ts';

const position = {file: 'pair.cfg', line: 1, column: 1};
const hookOn = (on: Hook['on']): Hook => ({on, kind: 'exec', argv: ['/bin/true'], timeoutMs: 1000, position});

test('a change of state concerns its own hooks, those on change and those on any', t => {
	const concerned = (['any', 'change', 'master', 'backup', 'fault', 'stop', 'solo', 'drift', 'drill'] as const).filter(
		on => concerns(hookOn(on), sampleOccasion),
	);
	t.deepEqual(concerned, ['any', 'change', 'master']);
});

test('solo and drift are no changes of state', t => {
	const solo = occasionOfPairEvent(
		sampleOccasion,
		{id: 'lb1-abc-8', kind: 'solo', reason: 'lb2 is silent', term: 4},
		'master',
		'2026-01-02T03:04:05.678Z',
	);
	t.is(solo?.event, 'solo');
	t.is(solo?.newState, 'master');
	t.false(solo !== undefined && concerns(hookOn('change'), solo));
	t.true(solo !== undefined && concerns(hookOn('solo'), solo));
});

test('nobody is told of initialize, nor of what only the log needs', t => {
	const transition = {id: 'x', from: 'stopped', to: 'initialize', term: 0, reason: ''} as const;
	t.is(occasionOfTransition(sampleOccasion, transition, ''), undefined);
	t.is(occasionOfPairEvent(sampleOccasion, {id: 'x', kind: 'stalled', reason: '', term: 0}, 'master', ''), undefined);
});

test("keepalived's four arguments name the new state", t => {
	t.deepEqual(keepalivedArguments(sampleOccasion), ['INSTANCE', 'oslo', 'MASTER', '150']);
	const words = (['backup', 'fault', 'stopped'] as const).map(
		newState => keepalivedArguments({...sampleOccasion, newState})[2],
	);
	t.deepEqual(words, ['BACKUP', 'FAULT', 'STOP']);
});

test('the environment says everything, each value on one line', t => {
	const environment = hookEnvironment(
		{...sampleOccasion, reason: 'first\nHAPAIR_TERM=9\x1b[31m'},
		'2026-01-02T03:04:15.678Z',
	);
	t.deepEqual(environment, {
		HAPAIR_EVENT: 'master',
		HAPAIR_EVENT_ID: 'lb1-abc-7',
		HAPAIR_ABOUT: 'backup',
		HAPAIR_TERM: '4',
		HAPAIR_PAIR: 'oslo',
		HAPAIR_NODE: 'lb1',
		HAPAIR_PEER: 'lb2',
		HAPAIR_OLD_STATE: 'backup',
		HAPAIR_NEW_STATE: 'master',
		HAPAIR_REASON: 'first HAPAIR_TERM=9 [31m',
		HAPAIR_VIRTUAL_IPS: '10.0.0.100 10.0.0.101',
		HAPAIR_INTERFACE: 'eth0',
		HAPAIR_PRIORITY: '150',
		HAPAIR_TIME: '2026-01-02T03:04:05.678Z',
		HAPAIR_DEADLINE: '2026-01-02T03:04:15.678Z',
	});
});

test('the webhook body has a version and the same facts', t => {
	const body = JSON.parse(webhookBody(sampleOccasion));
	t.is(body.version, 1);
	t.is(body.eventId, 'lb1-abc-7');
	t.is(body.newState, 'master');
	t.deepEqual(body.virtualAddresses, ['10.0.0.100', '10.0.0.101']);
	t.false('isState' in body);
	t.false('test' in body);
	t.true(JSON.parse(webhookBody({...sampleOccasion, test: true})).test);
	t.is(hookEnvironment({...sampleOccasion, test: true}, '').HAPAIR_TEST, '1');
});

test('after two masters the one that stays is told master again; the other one, which is none any more, is not', t => {
	const ended = {id: 'lb1-abc-9', kind: 'soleSpeaker', reason: 'lb2 has left the address', term: 5} as const;
	const occasion = occasionOfPairEvent(sampleOccasion, ended, 'master', '');
	t.like(occasion, {event: 'master', isState: true, oldState: 'master', newState: 'master', eventId: 'lb1-abc-9'});
	t.true(occasion !== undefined && concerns(hookOn('change'), occasion));
	t.is(occasionOfPairEvent(sampleOccasion, ended, 'backup', ''), undefined);
});

test('filters choose by what the event is about, and by the state of the node', t => {
	const down = {...sampleOccasion, event: 'server-down', isState: false, about: 'app/web1'} as const;
	const rows: [string, Pick<Hook, 'only' | 'unless' | 'whileState'>, boolean][] = [
		['no filter', {}, true],
		['its name', {only: ['app/web1']}, true],
		['another name', {only: ['app/web2']}, false],
		['one of two', {only: ['db/*', 'app/*']}, true],
		['an exception', {only: ['app/*'], unless: ['*/web1']}, false],
		['a star in the middle', {only: ['a*/w*1']}, true],
		['two stars that would overlap', {only: ['app/web1*1']}, false],
		['a star that is nothing', {only: ['app/web1*']}, true],
		['the state', {whileState: 'master'}, true],
		['another state', {whileState: 'backup'}, false],
	];
	for (const [title, filter, expected] of rows)
		t.is(concerns({...hookOn('server-down'), ...filter}, down), expected, title);
	t.false(
		concerns({...hookOn('backup'), unless: ['initialize']}, {...sampleOccasion, event: 'backup', about: 'initialize'}),
	);
});

test('a newer event makes older ones of its topic old news, and no others', t => {
	const topic = (event: HookOccasion['event'], about = ''): string =>
		topicOf({...sampleOccasion, isState: false, event, about});
	t.is(topic('solo'), topic('paired'));
	t.is(topic('drift'), topic('agreed'));
	t.is(topic('server-down', 'app/web1'), topic('server-up', 'app/web1'));
	t.not(topic('server-down', 'app/web1'), topic('server-down', 'app/web2'));
	t.not(topic('server-down', 'app'), topic('backend-down', 'app'));
	t.is(topicOf(sampleOccasion), topicOf({...sampleOccasion, event: 'fault'}));
});
