import {spawn} from 'node:child_process';
import test from 'ava';
import {findUnwritten} from '../../src/system/spare-memory.ts';

const mapping = (first: string, anonymousKib: number) => `${first}
Size:                136 kB
Rss:                 120 kB
Anonymous:             ${anonymousKib} kB
LazyFree:              0 kB
VmFlags: rd mr mw me`;

test('only files that are mapped without being written to are given back', t => {
	const smaps = [
		mapping('00400000-0082e000 r--p 00000000 fe:00 5316712                            /usr/bin/node', 0),
		mapping('0082e000-03489000 r-xp 0042e000 fe:00 5316712                            /usr/bin/node', 0),
		mapping('072a7000-072ad000 r--p 06ea6000 fe:00 5316712                            /usr/bin/node', 24),
		mapping('072ad000-072cd000 rw-p 06eac000 fe:00 5316712                            /usr/bin/node', 0),
		mapping('33ec5000-34272000 rw-p 00000000 00:00 0                                  [heap]', 0),
		mapping('7ff0c0000000-7ff0c0021000 r--p 00000000 00:00 0 ', 0),
		mapping('7ffc2a7f2000-7ffc2a7f4000 r-xp 00000000 00:00 0                          [vdso]', 0),
		mapping('7ff0eea44000-7ff0eeb9a000 r--s 00026000 fe:00 339380                     /tmp/shared', 0),
	].join('\n');
	t.deepEqual(findUnwritten(smaps), [
		{start: 0x400000n, end: 0x82e000n},
		{start: 0x82e000n, end: 0x3489000n},
	]);
});

test('a process that gave its memory back goes on, with less', async t => {
	const program = `
		import {keepSpareMemoryLow} from ${JSON.stringify(new URL('../../src/system/spare-memory.ts', import.meta.url).href)};
		const rss = () => Number(/^RssFile:\\s+(\\d+)/m.exec((await import('node:fs')).readFileSync('/proc/self/status', 'latin1'))[1]);
	`.replaceAll("(await import('node:fs'))", 'process.getBuiltinModule("node:fs")');
	const child = spawn(
		process.execPath,
		[
			'--input-type=module-typescript',
			'-e',
			`${program}
			const before = rss();
			keepSpareMemoryLow();
			const timer = setInterval(() => {
				if (rss() > before * 0.7) return;
				clearInterval(timer);
				console.log('less');
			}, 20);`,
		],
		{stdio: ['ignore', 'pipe', 'inherit']},
	);
	t.teardown(() => child.kill('SIGKILL'));
	let out = '';
	for await (const chunk of child.stdout) out += String(chunk);
	t.is(out, 'less\n');
});
