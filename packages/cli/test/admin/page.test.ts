import {gunzipSync} from 'node:zlib';
import test from 'ava';
import {KeptPage, Page} from '../../src/admin/page.ts';

test('a page is packed once', t => {
	const page = new Page('a line\n'.repeat(1000));
	t.is(gunzipSync(page.packed).toString(), page.text);
	t.is(page.packed, page.packed);
	t.true(page.packed.length < page.plain.length);
});

test('a page is kept for a moment, unless something happens before', t => {
	let written = 0;
	const kept = new KeptPage(() => String(++written), 100);
	t.deepEqual([kept.get(0).text, kept.get(99).text, kept.get(100).text], ['1', '1', '2']);
	kept.forget();
	t.is(kept.get(101).text, '3');
});
