/** hapair beside Debian's haproxy: the same configuration, the same bytes from clients and servers; what differs must have a name. */
import {readFileSync} from 'node:fs';
import {isDeepStrictEqual} from 'node:util';
import test, {type ExecutionContext} from 'ava';
import {maybeFindTool} from '../lab/tools.ts';
import {type Difference, differences} from './differences.ts';
import {type Arena, type Heard, openArena} from './differential/arena.ts';
import {type Exchange, mixedExchanges, systematicExchanges} from './differential/exchanges.ts';
import {type Report, takeApart} from './differential/messages.ts';

const haproxy = maybeFindTool('haproxy');
/** Without haproxy there is nothing to compare with; `npm test` as root on Linux counts that as a failure. */
const differential = haproxy === undefined ? test.skip : test;

const SEED = 20_140_327;
const MIXTURES = 300;

interface Arenas {
	readonly haproxy: Arena;
	readonly hapair: Arena;
}

async function openArenas(t: ExecutionContext): Promise<Arenas> {
	const arenas = {
		haproxy: await openArena([haproxy!]),
		hapair: await openArena([new URL('hapair-as-haproxy', import.meta.url).pathname]),
	};
	t.teardown(async () => {
		await arenas.haproxy.close();
		await arenas.hapair.close();
	});
	return arenas;
}

/** Names of the differences that this exchange shows, or a sentence with both reports when one has no name. */
function judge(
	exchange: Exchange,
	theirs: Heard,
	ours: Heard,
): {readonly names: readonly string[]; readonly complaint: string} {
	const names: string[] = [];
	const haproxyReport = takeApart(theirs);
	const hapairReport = takeApart(ours);
	for (const {name, level} of differences) {
		if (isDeepStrictEqual(haproxyReport, hapairReport)) return {names, complaint: ''};
		const changed = [level?.(haproxyReport, exchange.parts), level?.(hapairReport, exchange.parts)];
		if (changed.includes(true)) names.push(name);
	}
	if (isDeepStrictEqual(haproxyReport, hapairReport)) return {names, complaint: ''};
	const explanation = differences.find(({explains}) => explains?.(haproxyReport, hapairReport, exchange.parts));
	if (explanation !== undefined) return {names: [...names, explanation.name], complaint: ''};
	return {names, complaint: describe(exchange, haproxyReport, hapairReport)};
}

function describe({name, writes}: Exchange, theirs: Report, ours: Report): string {
	const short = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text);
	const list = (report: Report) =>
		[
			...report.responses.map(({start, headers, body}) => [
				'client got',
				start,
				...headers.map(pair => pair.join(': ')),
				body,
			]),
			...report.requests.map(({server, start, headers, body}) => [
				`${server} got`,
				start,
				...headers.map(pair => pair.join(': ')),
				body,
			]),
			...report.lines.map(line => ['log', line]),
			[`closed: ${report.closed}, strays: ${report.strays}`],
		].map(parts => short(JSON.stringify(parts)));
	const left = list(theirs);
	const right = list(ours);
	return [
		`${name}: ${short(JSON.stringify(writes))}`,
		...left.filter(line => !right.includes(line)).map(line => `  haproxy ${line}`),
		...right.filter(line => !left.includes(line)).map(line => `  hapair  ${line}`),
		...(isDeepStrictEqual(left.toSorted(), right.toSorted()) ? ['  the same in another order'] : []),
	].join('\n');
}

/** The log's byte counts of hapair are what the client received; refusals and monitor answers count for nothing, as in haproxy. */
function countsWrongly({name}: Exchange, {client, lines}: Heard): string {
	const logged = lines.reduce(
		(sum, line) => sum + Number(/ ([0-9]+) (?:-|\S+=\S*) (?:-|\S+=\S*) \S{4} /.exec(line)?.[1] ?? 0),
		0,
	);
	const uncounted = [
		...client.matchAll(
			/HTTP\/1\.1 (?:400|413|501|200 OK)[^\r\n]*\r\n(?:[^\r\n]+\r\n)*content-type: text\/html\r\n(?:[^\r\n]+\r\n)*\r\n(?:<html>[\s\S]*?<\/html>\n)?/gi,
		),
	];
	const sent = client.length - uncounted.reduce((sum, [answer]) => sum + answer.length, 0);
	// A refusal in the middle of a body counts if its request had been given to a server.
	return logged >= sent && logged <= client.length ? '' : `${name}: ${sent} bytes were sent, the log says ${logged}`;
}

async function compare(arenas: Arenas, exchanges: readonly Exchange[], used: Set<string>): Promise<readonly string[]> {
	const complaints: string[] = [];
	for (const exchange of exchanges) {
		const [theirs, ours] = await Promise.all([arenas.haproxy.play(exchange), arenas.hapair.play(exchange)]);
		const {names, complaint} = judge(exchange, theirs, ours);
		for (const name of names) used.add(name);
		complaints.push(complaint, ours.reset ? '' : countsWrongly(exchange, ours));
	}
	return complaints.filter(complaint => complaint !== '');
}

differential('Every difference from haproxy has a name, and every name is needed', async t => {
	t.timeout(100_000);
	const arenas = await openArenas(t);
	const used = new Set<string>();
	const exchanges = [...systematicExchanges(), ...mixedExchanges(SEED, MIXTURES)];
	const complaints = await compare(arenas, exchanges, used);
	t.log(`${exchanges.length} exchanges, seed ${SEED}, ${used.size} named differences`);
	t.is(complaints.join('\n'), '');
	t.deepEqual(
		differences.filter(({name, dependsOnTiming}) => !dependsOnTiming && !used.has(name)).map(({name}) => name),
		[],
	);
});

test('docs/differences.md lists each difference with its reason', t => {
	const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8');
	const listed = [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, reason]) => ({name, reason}));
	t.deepEqual(
		listed,
		differences.map(({name, reason}: Difference) => ({name, reason})),
	);
});
