import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {parseText} from '../../src/configuration/load.ts';
import {previewReload} from '../../src/daemon/reload-preview.ts';
import type {DaemonPlan} from '../../src/daemon/setup.ts';
import {exitCodes} from '../../src/exit-codes.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const findings = {diagnostics: [], text: ''};

function createPlans(t: ExecutionContext, mode: number) {
	const path = join(makeTempDirectory(t), 'hapair.cfg');
	writeFileSync(path, '');
	chmodSync(path, mode);
	const {configuration} = parseText('x.cfg', 'listen a\n mode tcp\n bind 127.0.0.1:1\n');
	if (configuration === undefined) throw new Error('the configuration of the test is wrong');
	const plan = (text: string, configDigest: string): DaemonPlan => ({
		configuration,
		configDigest,
		texts: new Map([[path, text]]),
		proxyArgv: [],
		proxyOptions: {errorFiles: {}, logTag: 'haproxy', snapshotIntervalMs: 20},
	});
	return {path, running: plan('one\ntwo\n', 'aaaaaaaaaa'), next: plan('one\nthree\n', 'bbbbbbbbbb')};
}

test('lines that are new and gone are shown, with the configuration that would come into force', t => {
	const {path, running, next} = createPlans(t, 0o644);
	const {code, message, files} = previewReload(running, () => ({plan: next, findings}));
	t.deepEqual([code, message], [exitCodes.ok, 'configuration bbbbbbbb would come into force']);
	t.is(files[0]?.path, path);
	t.deepEqual(
		files[0]?.lines.filter(line => /^[+-]/.test(line)),
		['-two', '+three'],
	);
	t.deepEqual(previewReload(running, () => ({plan: running, findings})).files, []);
});

test('of a file that is closed to others only that it differs', t => {
	const {running, next} = createPlans(t, 0o640);
	const [file] = previewReload(running, () => ({plan: next, findings})).files;
	t.deepEqual([file?.lines, file?.remark], [[], 'not shown: it is closed to others (mode 0640)']);
});

test('a wrong file would change nothing, and what is wrong with it is told', t => {
	const {running} = createPlans(t, 0o644);
	t.deepEqual(
		previewReload(running, () => ({message: '2 errors in x.cfg', findings})),
		{code: exitCodes.failed, message: 'nothing would be changed: 2 errors in x.cfg', files: [], findings},
	);
	t.is(previewReload(running, undefined).code, exitCodes.failed);
});
