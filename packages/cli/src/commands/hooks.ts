/**
 * `hapair hooks test`: runs each hook of a configuration with an event that has not happened, and says what came of it.
 *
 * Decides which event a hook gets and that it is marked for whoever receives it. It runs here and not in the daemon: with this user's rights,
 * before the first start too. Leaves running to `hooks/runner.ts`, so that a test takes the way that a real event takes.
 */
import {randomBytes} from 'node:crypto';
import type {Configuration, Hook} from '@hapair/config';
import {countErrors, formatFindings, loadConfiguration, type SyntaxChoice} from '../configuration/load.ts';
import {findOwnNode, listLocalAddresses} from '../configuration/own-node.ts';
import {type ExitCode, exitCodes, UserError} from '../exit-codes.ts';
import {describeHook} from '../hooks/describe.ts';
import {describeSubject} from '../hooks/desk.ts';
import {type HookOccasion, isStateEvent, type OccasionEvent, occasionOf} from '../hooks/events.ts';
import type {HookResult} from '../hooks/queue.ts';
import {createHookRunner} from '../hooks/runner.ts';
import {clean, formatDuration, formatTable} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';

export interface HooksTestOptions {
	readonly files: readonly string[];
	readonly nodeName: string | undefined;
	readonly syntax: SyntaxChoice | undefined;
	/** Only hooks that this event concerns; absent: each hook, with an event of its own. */
	readonly event: OccasionEvent | undefined;
	readonly json: boolean;
}

interface TestedHook extends HookResult {
	readonly on: Hook['on'];
	readonly event: OccasionEvent;
	readonly kind: Hook['kind'];
	readonly hook: string;
	readonly eventId: string;
	readonly durationMs: number;
}

export async function testHooks(options: HooksTestOptions, io: CommandIo): Promise<ExitCode> {
	const loaded = loadConfiguration(options.files, options.syntax);
	const {configuration} = loaded;
	if (configuration === undefined || countErrors(loaded.diagnostics) > 0) {
		io.error(formatFindings(loaded, loaded.diagnostics, io.paintError));
		return exitCodes.failed;
	}
	const tested = await runAll(configuration, options, io);
	const ok = tested.every(result => result.ok);
	const code = ok ? exitCodes.ok : exitCodes.failed;
	if (options.json) {
		const hooks = tested.map(({retry: _, ...result}) => result);
		io.out(`${JSON.stringify({ok, code, hooks}, undefined, 2)}\n`);
	} else
		io.out(`${formatTable([header(io), ...tested.map(result => row(result, io))], io.size()?.columns).join('\n')}\n`);
	return code;
}

async function runAll({pair}: Configuration, options: HooksTestOptions, io: CommandIo): Promise<TestedHook[]> {
	const hooks = pair?.hooks.filter(hook => options.event === undefined || listens(hook, options.event)) ?? [];
	if (pair === undefined || hooks.length === 0) throw noHooks(options);
	const own = findOwnNode(pair, listLocalAddresses(), options.nodeName);
	const subject = describeSubject(pair, own);
	const run = createHookRunner({hooks}, process.getuid?.() ?? 0);
	const stem = `test-${own.name}-${randomBytes(6).toString('hex')}`;
	const tested: TestedHook[] = [];
	for (const hook of hooks) {
		if (io.interrupted.aborted) break;
		const event = options.event ?? eventFor(hook);
		const occasion = makeOccasion(subject, event, `${stem}-${tested.length + 1}`);
		if (!options.json) io.error(`${io.paintError('dim', `on ${hook.on}: ${describeHook(hook)} …`)}\n`);
		const startedMs = performance.now();
		const result = await run(hook, occasion);
		const durationMs = Math.round(performance.now() - startedMs);
		const {eventId} = occasion;
		tested.push({on: hook.on, event, kind: hook.kind, hook: describeHook(hook), eventId, durationMs, ...result});
	}
	return tested;
}

function listens({on}: Hook, event: OccasionEvent): boolean {
	return on === 'any' || on === event || (on === 'change' && isStateEvent(event));
}

/** The least that a hook for several events can be told. */
function eventFor({on}: Hook): OccasionEvent {
	return on === 'any' || on === 'change' ? 'backup' : on;
}

const ABOUT: Readonly<Partial<Record<OccasionEvent, string>>> = {
	'server-down': 'BACKEND/SERVER',
	'server-up': 'BACKEND/SERVER',
	'backend-down': 'BACKEND',
	'backend-up': 'BACKEND',
	'cert-expiry': '/path/of/a/certificate.pem',
};

function makeOccasion(subject: Parameters<typeof occasionOf>[0], event: OccasionEvent, id: string): HookOccasion {
	const state = event === 'stop' ? 'stopped' : event === 'master' || event === 'fault' ? event : 'backup';
	const isState = isStateEvent(event);
	const about = isState ? state : (ABOUT[event] ?? '');
	const reason = 'hapair hooks test: nothing has happened';
	const occasion = occasionOf(subject, {id, event, about, reason, term: 0}, state, new Date().toISOString());
	return {...occasion, isState, test: true};
}

function header(io: CommandIo): string[] {
	return ['', 'ON', 'EVENT', 'HOOK', 'RESULT', 'TIME', 'DETAIL'].map(word => io.paint('dim', word));
}

function row({ok, on, event, hook, exitCode, status, durationMs, detail}: TestedHook, io: CommandIo): string[] {
	const said = exitCode === undefined ? (status === undefined ? '' : `HTTP ${status}`) : `exit code ${exitCode}`;
	const result = said === '' ? (ok ? 'delivered' : 'failed') : said;
	const mark = ok ? io.paint('green', '✔') : io.paint('red', '✘');
	return [mark, on, event, hook, result, formatDuration(durationMs), clean(detail)];
}

function noHooks({files, event}: HooksTestOptions): UserError {
	const which = event === undefined ? 'no hooks' : `no hook for the event ${event}`;
	return new UserError(`${files.join(', ')}: ${which}`, {
		hint: 'a hook is a line of the pair section, such as: on change mail root@localhost',
	});
}
