import test from 'ava';
import {globalCases, startGlobals} from './globals-cases.ts';

test('lines of the global section', async t => {
	const seen = await startGlobals(t, true);
	const other = await startGlobals(t, false);
	for (const {rows, observe, sees, otherwise} of globalCases) {
		const matches = (text: string, wanted: string | RegExp) =>
			typeof wanted === 'string' ? text === wanted : wanted.test(text);
		const [first, second] = [await observe(seen), await observe(other)];
		t.true(matches(first, sees), `${rows}, with the line: ${first}`);
		t.true(matches(second, otherwise), `${rows}, without the line: ${second}`);
		t.false(matches(second, sees), `${rows}, without the line: ${second}`);
	}
});
