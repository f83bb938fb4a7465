import test, {type ExecutionContext} from 'ava';
import {type HelperKind, KeptHelper} from '../src/helpers.ts';

/** A tool that reads commands as `ip -batch -` does: it tells what it did, refuses marks, and can die or fall silent. */
const program = `while read -r word rest; do case "$word" in
	hapair*) echo "cannot $word"; echo "command failed" ;;
	die) exit 3 ;;
	hang) while read -r ignored; do :; done ;;
	*) echo "did $word $rest" ;;
esac; done`;

const tool: HelperKind = {
	name: 'tool',
	argv: ['/bin/sh', '-c', program],
	confirmation: {
		line: mark => mark,
		isMark: (line, mark) => line === `cannot ${mark}`,
		linesBefore: 0,
		linesAfter: 1,
	},
};

/** Long enough for a busy machine: only the tool that hangs on purpose reaches its end. */
const patientMs = 20_000;

function makeHelper(t: ExecutionContext): KeptHelper {
	const helper = new KeptHelper(tool);
	t.teardown(() => helper.stop());
	helper.start();
	return helper;
}

test('A request is confirmed when everything before it was executed, with all that the tool said', async t => {
	const helper = makeHelper(t);
	const answer = await helper.ask(['add a', 'add b'], patientMs);
	t.deepEqual(answer, {confirmed: true, lines: ['did add a', 'did add b'], reason: ''});
});

test('Many requests at once are answered each with its own lines, in order', async t => {
	const helper = makeHelper(t);
	const answers = await Promise.all(Array.from({length: 20}, (_, n) => helper.ask([`show ${n}`], patientMs)));
	t.deepEqual(
		answers.map(({lines}) => lines),
		answers.map((_, n) => [`did show ${n}`]),
	);
	t.is(helper.restarts, 0, 'one process served them all');
});

test('A machine on which the tool starts slowly gets an answer in the end, and the usual limit again after a quick one', async t => {
	const argv = ['/bin/sh', '-c', `sleep 0.5; ${program}`];
	const helper = new KeptHelper({...tool, argv});
	t.teardown(() => helper.stop());
	const reasons: string[] = [];
	for (let confirmed = false; !confirmed && reasons.length < 40; ) {
		const answer = await helper.ask(['add a'], 250);
		confirmed = answer.confirmed;
		reasons.push(answer.reason);
	}
	t.is(reasons.at(-1), '');
	t.is(reasons[0], 'no answer within 250 ms');
	t.true((await helper.ask(['add b'], patientMs)).confirmed);
	t.is((await helper.ask(['hang'], 250)).reason, 'no answer within 250 ms');
});

test('A tool that dies answers "unconfirmed" and is replaced for the next request', async t => {
	const helper = makeHelper(t);
	const [before, during, after] = await Promise.all([
		helper.ask(['add a'], patientMs),
		helper.ask(['die'], patientMs),
		helper.ask(['add b'], patientMs),
	]);
	t.true(before.confirmed);
	t.is(during.reason, 'tool ended (3)');
	t.false(after.confirmed, 'what was sent to the dead one may not have been done');
	t.deepEqual((await helper.ask(['add c'], patientMs)).lines, ['did add c']);
	t.is(helper.restarts, 1);
});

test('A tool that hangs is replaced at the deadline', async t => {
	const helper = makeHelper(t);
	await helper.ask(['add a'], patientMs);
	const answer = await helper.ask(['hang'], 300);
	t.false(answer.confirmed);
	t.is(answer.reason, 'no answer within 300 ms');
	t.true((await helper.ask(['add b'], patientMs)).confirmed);
});

test('A line break in a command would be a second command: refused', t => {
	const helper = makeHelper(t);
	for (const command of ['a\nb', 'a\rb', 'a\0b']) {
		t.throws(() => void helper.ask([command], patientMs), {message: /line break/});
	}
});

test('A stopped helper forks nothing any more', async t => {
	const helper = makeHelper(t);
	await helper.ask(['add a'], patientMs);
	const open = helper.ask(['add b'], patientMs);
	await helper.stop();
	t.false((await helper.ask(['add c'], patientMs)).confirmed);
	t.true(['stopped', ''].includes((await open).reason));
});

test('A tool that does not exist is an answer, not an exception', async t => {
	const helper = new KeptHelper({...tool, argv: ['/nonexistent/tool']});
	t.teardown(() => helper.stop());
	const answer = await helper.ask(['add a'], patientMs);
	t.false(answer.confirmed);
	t.regex(answer.reason, /^tool ended \(127\)/);
});
