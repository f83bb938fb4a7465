import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {inspectDrivers} from '../../src/configuration/inspect-drivers.ts';
import {samplePair} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const uid = process.getuid?.() ?? 0;
const position = {file: 'pair.cfg', line: 9, column: 11};
const members = {members: [], targets: []};

test('a driver without its secret, its program, its user or its BIRD is named at its line', t => {
	const directory = makeTempDirectory(t);
	const token = join(directory, 'token');
	writeFileSync(token, 'token-of-a-project\n', {mode: 0o600});
	const drivers = [
		{kind: 'hetzner-cloud', ...members, tokenFile: token, api: 'https://x', position},
		{kind: 'digitalocean', ...members, tokenFile: '/nonexistent/token', api: 'https://x', position},
		{kind: 'openstack', ...members, authUrl: 'https://x', credential: 'a', secretFile: '/nonexistent/s', position},
		{kind: 'aws', ...members, region: 'eu-central-1', api: 'https://x', metadata: 'http://x', position},
		{
			kind: 'aws',
			...members,
			region: 'eu-central-1',
			credentialsFile: '/nonexistent/c',
			api: 'https://x',
			metadata: 'http://x',
			position,
		},
		{kind: 'exec', argv: ['/nonexistent/move'], user: 'nobody-of-hapair', timeoutMs: 1000, position},
		{kind: 'bgp', file: '/nonexistent/hapair.conf', control: join(directory, 'bird.ctl'), position},
	] as const;
	const found = inspectDrivers({...samplePair, drivers}, uid);
	t.true(found.every(({line, column}) => line === 9 && column === 11));
	t.deepEqual(
		found.map(({severity, message}) => `${severity}: ${message}`),
		[
			'error: takeover digitalocean has no secret and cannot move anything: /nonexistent/token: there is no such file',
			'error: takeover openstack has no secret and cannot move anything: /nonexistent/s: there is no such file',
			'error: takeover aws has no secret and cannot move anything: /nonexistent/c: there is no such file',
			'error: the takeover program cannot be run: /nonexistent/move: there is no such file',
			"error: the takeover program has no user to run as: there is no 'nobody-of-hapair' here",
			'error: takeover bgp cannot write /nonexistent/hapair.conf: there is no such directory',
			`warning: takeover bgp finds no BIRD: ${join(directory, 'bird.ctl')} is not its control socket`,
		],
	);
	t.is(found[0]?.hint, "put the provider's secret there, then: chmod 600 /nonexistent/token");
});
