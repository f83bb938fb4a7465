import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {CertificateWatch, findStep} from '../../src/hooks/certificate-watch.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

/** Self-signed, of a key that nobody keeps. */
const pem = `
-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUZ+nH2M3NidITDZS3Ye1cnXKULwUwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLaGFwYWlyLnRlc3QwHhcNMjYxMTI3MjM0NjQ3WhcNMjYxMjI3
MjM0NjQ3WjAWMRQwEgYDVQQDDAtoYXBhaXIudGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABB7LI2zM07LDOKcgf+q/4mIH7LI/orgy7mPMEjqdi4YwBSzU94ai
1+y+TDu+w0ZVJm9KTmHXhPtI0PkVAs4gWSmjUzBRMB0GA1UdDgQWBBQudyDixHXs
C0wicDJQzIgiFMfnZzAfBgNVHSMEGDAWgBQudyDixHXsC0wicDJQzIgiFMfnZzAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIG55OX1IozpoNPLObS8I
czPkopaWwqevpLodPpDb8QtuAiEAvLoaFypyrAHR8mH1QAMkR2wwleGPEtPQKf7r
9bQv3EM=
-----END CERTIFICATE-----
`;
const endMs = Date.parse('2026-12-27T23:46:47Z');
const dayMs = 86_400_000;
const position = {file: 'pair.cfg', line: 1, column: 1};

test('the end of a certificate is told at its steps, once each', async t => {
	const path = join(makeTempDirectory(t), 'a.pem');
	writeFileSync(path, pem);
	const told: string[] = [];
	const watch = new CertificateWatch([{path, warnDays: 21, isShared: false, position}], (about, reason) =>
		told.push(`${about}: ${reason}`),
	);
	for (const daysLeft of [30, 20.5, 20, 14, 13.9, 0.5, -1, -2]) await watch.look(endMs - daysLeft * dayMs);
	const at = new Date(endMs).toISOString();
	t.deepEqual(told, [
		`${path}: it ends in 20 days, at ${at}`,
		`${path}: it ends in 14 days, at ${at}`,
		`${path}: it ends within a day, at ${at}`,
		`${path}: it ended at ${at}`,
	]);
});

test('a file that cannot be read is told, and again when it is broken once more; a key may stand before the certificate', async t => {
	const directory = makeTempDirectory(t);
	const path = join(directory, 'a.pem');
	const told: string[] = [];
	const watch = new CertificateWatch([{path, warnDays: 21, isShared: false, position}], (_, reason) =>
		told.push(reason),
	);
	const nowMs = endMs - 29 * dayMs;
	await watch.look(nowMs);
	await watch.look(nowMs);
	writeFileSync(path, `Subject: hapair.test\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${pem}`);
	await watch.look(nowMs);
	rmSync(path);
	mkdirSync(path);
	await watch.look(nowMs);
	t.is(told.length, 2, told.join('\n'));
	t.regex(told[0] ?? '', /^it cannot be read: ENOENT/);
	t.regex(told[1] ?? '', /^it cannot be read: EISDIR/);
});

test('steps after the one that the line names are the usual ones', t => {
	t.deepEqual(
		[22, 21, 15, 14, 7.5, 7, 3, 1, 0.1, 0, -9].map(days => findStep(days, 21)),
		[undefined, 21, 21, 14, 14, 7, 3, 1, 1, 0, 0],
	);
	t.deepEqual(
		[6, 5, 4, 3].map(days => findStep(days, 5)),
		[undefined, 5, 5, 3],
	);
});
