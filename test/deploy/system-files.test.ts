import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {startLimitMs} from '../../packages/cli/src/joining/service.ts';

const deploy = fileURLToPath(new URL('../../deploy', import.meta.url));
const unit = readFileSync(join(deploy, 'systemd/hapair.service'), 'utf8');
const sysctl = readFileSync(join(deploy, 'sysctl/90-hapair.conf'), 'utf8');

/** The values of a directive of the unit, in order. */
function values(name: string): string[] {
	return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

test('A stop of the unit reaches the daemon alone, which hands over before the heartbeat is told', t => {
	t.deepEqual(values('KillMode'), ['mixed']);
	t.true(Number(values('TimeoutStopSec')[0]) > 12, 'a stop takes 12 s at most');
});

test('A start on a slow machine is not ended and begun anew, and init waits for what systemd says of it', t => {
	const [limitSeconds = 0] = values('TimeoutStartSec').map(Number);
	t.true(limitSeconds >= 90, 'systemd itself would give 90 s');
	t.true(startLimitMs > limitSeconds * 1000);
});

test('A reload of the unit asks the same program and waits for its answer', t => {
	const [start = ''] = values('ExecStart');
	t.deepEqual(values('ExecReload'), [start.replace(/ run .*/, ' reload')]);
});

test('Only the daemon itself tells systemd how it is', t => {
	t.deepEqual([values('Type'), values('NotifyAccess')], [['notify'], ['main']]);
});

test('Each capability of the unit has its reason beside it', t => {
	const reasons = unit.split('\n').filter(line => /^# [A-Z_]+(, [A-Z_]+)*\s{2,}\S/.test(line));
	const explained = reasons.flatMap(
		line =>
			line
				.slice(2)
				.split(/\s{2,}/)[0]
				?.split(', ') ?? [],
	);
	const allowed = values('CapabilityBoundingSet').flatMap(line => line.split(' '));
	t.deepEqual(allowed.toSorted(), explained.map(name => (name === '' ? '' : `CAP_${name}`)).toSorted());
});

test('The directories that the daemon writes are made by the unit', t => {
	t.deepEqual([values('RuntimeDirectory'), values('CacheDirectory')], [['hapair'], ['hapair']]);
});

test('Each kernel setting stands under a reason', t => {
	const blocks = sysctl
		.trim()
		.split('\n\n')
		.map(block => block.split('\n'));
	for (const [reason = '', ...lines] of blocks) {
		t.regex(reason, /^# \S/);
		const settings = lines.filter(line => !line.startsWith('#'));
		for (const setting of settings) t.regex(setting, /^-?net\.[a-z\d_.]+ = \d+( \d+)?$/);
	}
	t.regex(sysctl, /^net\.ipv4\.ip_local_port_range = 1024 65000$/m);
});
