/** Lines in, answers out; every sequence here was compared with HAProxy 2.6.12's. */
import test from 'ava';
import {beginConversation} from '../../src/stats/commands.ts';
import {Conversation} from '../../src/stats/conversation.ts';
import {createRuntime} from '../helpers/runtime.ts';
import {waitFor} from '../helpers/wait-for.ts';

function begin() {
	const {runtime} = createRuntime();
	const said = {text: '', isClosed: false, isHeld: false};
	const talk = new Conversation(
		{runtime, conversation: beginConversation('admin', 10_000)},
		{
			write: text => {
				said.text += text;
			},
			close: () => {
				said.isClosed = true;
			},
			drained: async () => {},
			hold: on => {
				said.isHeld = on;
			},
		},
	);
	return {talk, said, closed: () => waitFor('the end', () => said.isClosed)};
}

const weight = '10 (initial 10)\n\n';

test('one command a connection', async t => {
	const {talk, said, closed} = begin();
	talk.take('get weight');
	talk.take(' out/s1\r\n');
	await closed();
	t.is(said.text, weight);
});

test('several in a line, and several lines that came together', async t => {
	const {talk, said, closed} = begin();
	talk.take('set weight out/s1 10;get weight out/s1\nget weight out/nope\n');
	await closed();
	t.is(said.text, `\n${weight}No such server.\n\n`);
});

test('with prompt it goes on, and ends as it began', async t => {
	const {talk, said, closed} = begin();
	talk.take('prompt\n');
	await waitFor('the prompt', () => said.text === '\n> ');
	talk.take('get weight out/s1\n');
	await waitFor('the weight', () => said.text === `\n> ${weight}> `);
	talk.take('set timeout cli 60\n\n');
	await waitFor('two more', () => said.text === `\n> ${weight}> \n> \n> `);
	t.false(said.isHeld);
	said.text = '';
	talk.take('prompt\nget weight out/s1\n');
	await closed();
	t.is(said.text, `\n${weight}`);
});

test('quit says nothing', async t => {
	const {talk, said, closed} = begin();
	talk.take('prompt\nquit\nget weight out/s1\n');
	await closed();
	t.is(said.text, '\n> ');
});

test('what the peer has said before it ended is answered, but not half a command', async t => {
	const {talk, said, closed} = begin();
	talk.take('get weight out/s1\nset weight out/s1 1');
	talk.end();
	await closed();
	t.is(said.text, weight);
});

test('a peer that ends at once gets nothing, one that never ends its line neither', t => {
	for (const input of ['', 'x'.repeat(20_000)]) {
		const {talk, said} = begin();
		talk.take(input);
		if (input === '') talk.end();
		t.true(said.isClosed);
		t.is(said.text, '');
	}
});
