import test from 'ava';
import type {HookOccasion} from '../../src/hooks/events.ts';
import {occasionEvents} from '../../src/hooks/events.ts';
import {composeForm} from '../../src/hooks/forms.ts';
import {endsTrouble, headlineOf, severityOf, troubleOf} from '../../src/hooks/wording.ts';
import {sampleOccasion} from '../helpers/samples.ts';

const down: HookOccasion = {
	...sampleOccasion,
	event: 'server-down',
	isState: false,
	about: 'app/web1',
	oldState: 'master',
	reason: '10.0.0.1:80 is DOWN, last check <L4CON>',
};
const parse = (text: string) => JSON.parse(text);

test('Slack: a text for the notification and an attachment in the colour of what happened; its marks are harmless', t => {
	const body = parse(composeForm('slack', down, '').body);
	t.is(body.text, 'oslo: server app/web1 is DOWN on lb1');
	t.is(body.attachments[0].color, '#d50200');
	t.deepEqual(body.attachments[0].fields[0], {
		title: 'Reason',
		value: '10.0.0.1:80 is DOWN, last check &lt;L4CON&gt;',
		short: false,
	});
});

test('Teams: an adaptive card', t => {
	const {type, attachments} = parse(composeForm('teams', down, '').body);
	t.is(type, 'message');
	t.is(attachments[0].contentType, 'application/vnd.microsoft.card.adaptive');
	const {content} = attachments[0];
	t.is(content.type, 'AdaptiveCard');
	t.like(content.body[0], {type: 'TextBlock', text: headlineOf(down), color: 'attention'});
	t.deepEqual(content.body[1].facts[2], {title: 'Node', value: 'lb1 (peer lb2)'});
});

test('ntfy: the reason is the body, the rest are headers of plain letters', t => {
	const {body, headers} = composeForm('ntfy', {...down, pair: 'kø'}, '');
	t.true(body.startsWith(down.reason));
	t.is(headers.Title, 'k?: server app/web1 is DOWN on lb1');
	t.is(headers.Priority, '4');
	t.is(headers.Tags, 'x');
});

test('PagerDuty: an alert is opened and resolved under one key', t => {
	const opened = parse(composeForm('pagerduty', down, 'R0UTING').body);
	t.like(opened, {routing_key: 'R0UTING', event_action: 'trigger', dedup_key: 'hapair oslo lb1 server app/web1'});
	t.like(opened.payload, {severity: 'error', source: 'lb1', component: 'app/web1', timestamp: down.time});
	const up = {...down, event: 'server-up'} as const;
	t.deepEqual(parse(composeForm('pagerduty', up, 'R0UTING').body), {
		routing_key: 'R0UTING',
		dedup_key: opened.dedup_key,
		event_action: 'resolve',
	});
	// A test is to be seen.
	t.is(parse(composeForm('pagerduty', {...up, test: true}, 'x').body).event_action, 'trigger');
});

test('every event has a headline of its own, and each end the key of its beginning', t => {
	const headlines = occasionEvents.map(event => headlineOf({...sampleOccasion, event, isState: false, about: 'x'}));
	t.is(new Set(headlines).size, occasionEvents.length, headlines.join(', '));
	for (const headline of headlines) t.regex(headline, /^oslo: \S/);
	const pairs = [
		['solo', 'paired'],
		['drift', 'agreed'],
		['server-down', 'server-up'],
		['backend-down', 'backend-up'],
	] as const;
	for (const [begin, end] of pairs) {
		const [first, last] = [begin, end].map(event => ({...down, event}) as HookOccasion) as [HookOccasion, HookOccasion];
		t.is(troubleOf(first), troubleOf(last));
		t.false(endsTrouble(first));
		t.true(endsTrouble(last));
		t.is(severityOf(last), 'info');
	}
	const drill = (about: string): HookOccasion => ({...down, event: 'drill', about});
	t.is(troubleOf(drill('refused')), troubleOf(drill('passed')));
	t.deepEqual([endsTrouble(drill('failed')), endsTrouble(drill('passed'))], [false, true]);
	t.deepEqual([severityOf(drill('failed')), severityOf(drill('passed'))], ['warning', 'info']);
	t.true(endsTrouble({...sampleOccasion, event: 'witness', reason: 'the witness answers'}));
	t.is(headlineOf({...sampleOccasion, test: true, pair: 'a\nb'}), '[test] a b: lb1 is master');
});
