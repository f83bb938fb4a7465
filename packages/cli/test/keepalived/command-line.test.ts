import test from 'ava';
import {escapeWord, findAskedProcess, splitCommand, writeWords} from '../../src/keepalived/command-line.ts';

for (const [command, process] of [
	['killall -0 haproxy', 'haproxy'],
	['/usr/bin/killall -0 nginx', 'nginx'],
	['pidof haproxy', 'haproxy'],
	['pgrep -x nginx', 'nginx'],
	['/bin/systemctl is-active --quiet nginx.service', 'nginx'],
	['pidof haproxy >/dev/null 2>&1', 'haproxy'],
	['/usr/local/bin/check haproxy', undefined],
	['killall haproxy', undefined],
] as const) {
	test(`${command} asks for ${process ?? 'no process'}`, t => t.is(findAskedProcess(command), process));
}

for (const [command, answer] of [
	["/bin/check 'one word' two", ['/bin/check', 'one word', 'two']],
	['/bin/check a#b', ['/bin/check', 'a#b']],
	['/bin/a && /bin/b', 'needs a shell'],
	['</dev/tcp/127.0.0.1/80', 'needs a shell'],
	['check', 'by its full path'],
	['', 'is empty'],
	["/bin/check 'it costs $5'", 'has quotes'],
] as const) {
	test(`the command ${command} becomes ${answer}`, t => {
		const words = splitCommand(command);
		if ('problem' in words) t.true(words.problem.includes(String(answer)), words.problem);
		else t.deepEqual(words, answer as readonly string[]);
	});
}

test('blanks and what would begin a comment are escaped, for both quoting rules', t => {
	t.is(writeWords(['/bin/check', 'one word', 'a#b']), '/bin/check one\\ word a\\#b');
	t.is(escapeWord('/bin/check one\\ word'), '/bin/check\\ one\\\\\\ word');
});
