import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync, zstdCompressSync} from 'node:zlib';
import test from 'ava';
import {describeAbsence} from '../../scripts/kvm-pair/events.ts';
import {extractKernel} from '../../scripts/kvm-pair/kernel.ts';
import {formatTable, type Report, writePart} from '../../scripts/kvm-pair/report.ts';
import {Results} from '../../scripts/kvm-pair/results.ts';
import {joinRounds} from '../../scripts/kvm-pair/rounds.ts';
import {type Seen, summarize} from '../../scripts/kvm-pair/seen.ts';
import type {EyeReport} from '../../test/lab/probe.ts';

const elf = Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.from('the kernel')]);

/** A kernel image with two sectors of set-up, and the payload 32 bytes behind them. */
function wrap(packed: Buffer): Buffer {
	const payload = Buffer.concat([packed, Buffer.from([0, 0, 0, 0])]);
	const head = Buffer.alloc(3 * 512 + 32);
	head.writeUInt8(2, 0x1f1);
	head.write('HdrS', 0x202, 'latin1');
	head.writeUInt16LE(0x20f, 0x206);
	head.writeUInt32LE(32, 0x248);
	head.writeUInt32LE(payload.length, 0x24c);
	return Buffer.concat([head, payload, Buffer.from('what follows is of no interest')]);
}

test('The kernel comes out of its image, however it is packed', t => {
	t.deepEqual(extractKernel(wrap(gzipSync(elf))), elf);
	t.deepEqual(extractKernel(wrap(zstdCompressSync(elf))), elf);
	t.throws(() => extractKernel(wrap(gzipSync(Buffer.from('no kernel')))), {message: /no ELF file/});
	t.throws(() => extractKernel(wrap(Buffer.from('BZh91AY'))), {
		message: /packed in a way that begins with 425a68393141/,
	});
	t.throws(() => extractKernel(Buffer.from('#!/bin/sh')), {message: /no kernel image/});
});

test('How long an address was away is read off the kernel’s own words', t => {
	const line = (seconds: string, words: string) =>
		`[2026-11-28T03:00:${seconds}] ${words}2: eth0    inet 10.0.0.100/24 scope global secondary eth0\\       valid_lft 3sec\n`;
	t.is(describeAbsence(line('01.000100', '') + line('02.000200', '')), 'the address stayed');
	const away = line('01.000000', '') + line('02.100000', 'Deleted ') + line('02.135000', '') + line('03.000000', '');
	t.is(describeAbsence(away), 'the address was back after 35 ms');
	t.is(describeAbsence(line('02.100000', 'Deleted ')), 'the address went and did not come back');
});

const eye = (spans: readonly (readonly [number, number])[]): EyeReport => ({
	kind: 'eye',
	samples: Array.from({length: 100}, (_, index) => {
		const startMs = index * 10;
		const answers = spans.some(([from, to]) => startMs >= from && startMs < to);
		return {startMs, endMs: startMs + 2, arp: answers, tcp: false};
	}),
});
const outcome = (startMs: number, ok: boolean, via: string) => ({
	startMs,
	endMs: startMs + 1,
	ok,
	...(ok ? {via} : {error: 'ETIMEDOUT'}),
});

test('Clients and eyes become an outage, and double answers are counted from the resume', t => {
	const fresh = Array.from({length: 100}, (_, at) => outcome(at * 10, at < 20 || at >= 60, at < 60 ? 'lb1' : 'lb2'));
	const seen = summarize({kind: 'clients', fresh, kept: []}, [eye([[0, 800]]), eye([[600, 1000]])], {
		fromMs: 100,
		markMs: 700,
	});
	t.like(seen, {gapMs: 410, requests: 90, failed: 40, moves: 1, errors: ['40 × ETIMEDOUT']});
	// Both answer from 600 to 800; the first and the last look of a span prove nothing.
	t.true(seen.doubleMs >= 180 && seen.doubleMs <= 200, String(seen.doubleMs));
	t.true(seen.lastDoubleMs! >= 80 && seen.lastDoubleMs! <= 100, String(seen.lastDoubleMs));
});

const quiet: Seen = {gapMs: 40, requests: 100, failed: 0, errors: [], doubleMs: 0, lastDoubleMs: undefined, moves: 1};
const date = '2026-11-28';
const report: Report = {
	ground: 'two guests.',
	intervalMs: 200,
	firstMinutes: {typed: [{node: 'lb1', command: 'hapair init --node x', tookMs: 4000}], tookMs: 301_000, date},
	memory: [{node: 'lb1', proportional: 150, resident: 210}],
	measured: [
		{date, program: 'hapair', event: 'planned failover', seen: {...quiet, failed: 1, errors: ['1 × ECONNRESET']}},
		{date, program: 'hapair', event: 'power off (hard)', seen: {...quiet, gapMs: 3000}},
		{date, program: 'keepalived + haproxy', event: 'power off (hard)', seen: {...quiet, gapMs: 3100}},
		{date, program: 'hapair', event: 'QMP pause 5 s (clocks stop)', seen: {...quiet, doubleMs: 30, lastDoubleMs: 501}},
		{date, program: 'hapair', event: 'reboot of the master', failure: 'lb1: no answer\nmore'},
	],
};

test('The table says of each bound whether it was kept', t => {
	const table = formatTable(report);
	t.regex(table, /301 s with 1 typed commands .*: NO\. lb1 `hapair init` 4 s/);
	t.regex(table, /on lb1: 150 MiB.*: yes/);
	t.regex(table, /planned failover +40 ms +1 of 100 .*none lost: NO, 1 moves: yes; 1 × ECONNRESET/);
	t.regex(table, /power off \(hard\) +3000 ms .*no longer than keepalived's 3100 ms: yes/);
	t.regex(table, /30 ms, the last 501 ms after the resume .*both for a lease \(500 ms\) at most: NO/);
	t.regex(table, /reboot of the master +not measured +lb1: no answer +2026-11-28$/m);
});

test('The page keeps what is written by hand around the measured part', t => {
	const page = 'Before.\n<!-- measured -->\nold\n<!-- end of measured -->\nAfter.\n';
	const written = writePart(page, report);
	t.regex(written, /^Before\.\n<!-- measured -->\nMeasured on two guests\.\n/);
	t.regex(written, /\n<!-- end of measured -->\nAfter\.\n$/);
	t.false(written.includes('old'));
	t.is(writePart(written, report), written);
	t.throws(() => writePart('nothing', report), {message: /has no part/});
});

test('A figure is on the disk at once, beside those that were measured before on the same ground', t => {
	const folder = mkdtempSync(join(tmpdir(), 'kvm-pair-test-'));
	t.teardown(() => rmSync(folder, {recursive: true}));
	const shelf = {figures: join(folder, 'figures.json'), page: join(folder, 'page.md')};
	writeFileSync(shelf.page, '<!-- measured -->\n<!-- end of measured -->\n');
	const [planned, power, beside] = report.measured;
	new Results('here', 200, shelf).add(power!);
	const later = new Results('here', 200, shelf);
	for (const row of [beside!, planned!, {...power!, seen: {...quiet, gapMs: 2000}}]) later.add(row);
	const rows = readFileSync(shelf.page, 'utf8').match(/^\| p.*? \| .*? ms/gm);
	const names = ['planned failover | 40', 'power off (hard) | 2000', 'power off (hard): keepalived + haproxy | 3100'];
	t.deepEqual(
		rows,
		names.map(name => `| ${name} ms`),
	);
	new Results('elsewhere', 200, shelf).add(planned!);
	t.is(readFileSync(shelf.page, 'utf8').match(/^\| p/gm)?.length, 1);
});

test('Several rounds are one figure: the outage in the middle, and whatever went wrong in any of them', t => {
	const seen = (gapMs: number, failed: number, moves = 1): Seen => ({
		...{gapMs, failed, moves, requests: 100, doubleMs: failed * 10, lastDoubleMs: undefined},
		errors: failed === 0 ? [] : [`${failed} × ECONNRESET`],
	});
	const round = (figures: Seen) => ({program: 'hapair', event: 'power off (hard)', seen: figures});
	const joined = joinRounds([round(seen(3000, 0)), round(seen(2000, 2)), round(seen(2500, 0, 2))]);
	t.deepEqual(joined.seen, {
		...{gapMs: 2500, requests: 300, failed: 2, doubleMs: 20, lastDoubleMs: undefined, moves: 2},
		errors: ['2 × ECONNRESET'],
	});
	t.is(joined.note, 'outage of 3 rounds: 2000, 2500, 3000 ms');
	const one = round(seen(2000, 1));
	t.is(joinRounds([one]), one);
	const broken = {program: 'hapair', event: 'power off (hard)', failure: 'lb1: no answer'};
	t.is(joinRounds([one, broken]), broken, 'a round without figures is what has to be looked at');
});
