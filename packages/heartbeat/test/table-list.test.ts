import test from 'ava';
import {TableList} from '../src/table-list.ts';

const all = ['table inet hapair_1', 'table netdev hapair_1', 'table ip hapair_1', 'table inet filter'];

function listTables(answers: readonly (readonly string[] | undefined)[]): () => Promise<boolean> {
	let call = 0;
	const nft = {
		ask: (commands: readonly string[]) => {
			const lines = commands[0] === 'list tables' ? answers[Math.min(call, answers.length - 1)] : undefined;
			call += 1;
			return Promise.resolve({confirmed: lines !== undefined, lines: lines ?? [], reason: ''});
		},
	};
	const list = new TableList(nft, 'hapair_1');
	return () => list.isThoroughLookDue();
}

async function ask(list: () => Promise<boolean>, times: number): Promise<boolean[]> {
	const said: boolean[] = [];
	for (let i = 0; i < times; i += 1) said.push(await list());
	return said;
}

test('A thorough look is due at first, and every fifth time while nothing changes', async t => {
	t.deepEqual(await ask(listTables([all]), 7), [true, false, false, false, false, true, false]);
});

test('It is due at once when a table of the pair goes and when it comes back, not when another one does', async t => {
	const flushed = all.slice(1);
	t.deepEqual(await ask(listTables([all, flushed, all, all.slice(0, 3)]), 4), [true, true, true, false]);
});

test('It is due when nft does not answer, and when it does again', async t => {
	t.deepEqual(await ask(listTables([all, undefined, all, all]), 4), [true, true, true, false]);
});
