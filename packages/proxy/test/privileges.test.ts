import {spawnSync} from 'node:child_process';
import test from 'ava';
import {privilegeCommand} from '../src/privileges.ts';

const printStatus = `
const fs = require('node:fs');
process.stdout.write(fs.readFileSync('/proc/self/status', 'utf8').match(/^(Uid|Gid|Groups|CapEff|CapBnd|CapAmb|NoNewPrivs):.*$/gm).join('\\n'));
`;

test('a child started by the plan runs as the user asked for, with the right to bind low ports and nothing else', t => {
	const plan = privilegeCommand({global: {uid: 65534, gid: 65534}});
	if (process.geteuid?.() !== 0 || plan.argvPrefix.length === 0) {
		t.deepEqual(plan.argvPrefix, [], 'without root, or setpriv, or a second user, nothing can be switched');
		return;
	}
	const [command = '', ...rest] = [...plan.argvPrefix, process.execPath, '-e', printStatus];
	const {stdout} = spawnSync(command, rest, {encoding: 'utf8'});
	t.regex(stdout, /^Uid:\t65534\t65534\t65534\t65534$/m);
	t.regex(stdout, /^Gid:\t65534\t65534\t65534\t65534$/m);
	t.regex(stdout, /^Groups:\t65534\s*$/m);
	t.regex(stdout, /^CapEff:\t0000000000000400$/m);
	t.regex(stdout, /^CapBnd:\t0000000000000400$/m);
	t.regex(stdout, /^CapAmb:\t0000000000000400$/m);
	t.regex(stdout, /^NoNewPrivs:\t1$/m);
});

test('a process that switches by itself keeps nothing', t => {
	if (process.geteuid?.() !== 0) {
		t.throws(() => process.setuid?.(0));
		return;
	}
	const module = new URL('../src/privileges.ts', import.meta.url).href;
	const program = `
const {switchInProcess} = await import('${module}');
switchInProcess({user: 'nobody', uid: 65534, gid: 65534, groups: [65534]});
const fs = await import('node:fs');
process.stdout.write(fs.readFileSync('/proc/self/status', 'utf8').match(/^(Uid|Gid|Groups|CapEff):.*$/gm).join('\\n'));
`;
	const {stdout} = spawnSync(process.execPath, ['--input-type=module', '-e', program], {encoding: 'utf8'});
	t.regex(stdout, /^Uid:\t65534\t65534\t65534\t65534$/m);
	t.regex(stdout, /^Gid:\t65534\t65534\t65534\t65534$/m);
	t.regex(stdout, /^CapEff:\t0000000000000000$/m);
});
