import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {exitCodes} from '../../src/exit-codes.ts';
import {runHapair} from '../helpers/run-hapair.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const proxy = 'defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n';

test('a file that is not there, a wrong one and one without a pair are one sentence each', async t => {
	const directory = makeTempDirectory(t);
	const write = (text: string): string => {
		const path = join(directory, `${text.length}.cfg`);
		writeFileSync(path, text);
		return path;
	};
	const absent = await runHapair(t, ['doctor', '-f', '/nonexistent/x.cfg']);
	t.is(absent.code, exitCodes.failed);
	t.regex(absent.err, /^hapair: \/nonexistent\/x\.cfg: there is no such file/);
	const wrong = await runHapair(t, ['doctor', '-f', write(`${proxy} timeot x\n`)]);
	t.is(wrong.code, exitCodes.failed);
	t.regex(wrong.err, /there is no pair to examine/);
	const alone = await runHapair(t, ['doctor', '-f', write(`${proxy}listen a\n bind 127.0.0.1:18996\n`), '--json']);
	t.is(alone.code, exitCodes.failed);
	t.like(JSON.parse(alone.out), {ok: false, code: 1});
	t.regex(alone.err, /there is no pair section to examine/);
});

test('an interface that is not there and a key that is missing fail, and the rest is still told', async t => {
	const path = join(makeTempDirectory(t), 'p.cfg');
	const pair =
		'pair p\n node a 127.0.0.1\n node b 127.0.0.2\n virtual-ip 127.0.0.9/8 dev nowhere0\n secret file /nonexistent/key\n';
	writeFileSync(path, pair);
	const {code, out} = await runHapair(t, ['doctor', '-f', path, '--node', 'a', '--json']);
	t.is(code, exitCodes.failed);
	const {findings, ok, node, drivers} = JSON.parse(out);
	t.false(ok);
	t.is(node, 'a');
	const grade = (check: string) => findings.find((each: {check: string}) => each.check === check)?.grade;
	t.is(grade('key'), 'fail');
	t.is(grade('link'), 'fail');
	t.is(grade('kernel') !== undefined, true);
	t.is(drivers[0].grade, 'fail');
});
