/**
 * The screen of a live `hapair watch`: the status, the latest happenings, a question or its outcome, the keys.
 *
 * Decides what a small terminal goes without: columns of tables, then the end of the status, then happenings; never a question. Redraws in place, and clears
 * only when the terminal has another size. Leaves cursor and colours of the terminal as they are. Leaves the words to `status-text.ts`.
 */
import type {ControlReply} from '../daemon/control-protocol.ts';
import type {StatusReport} from '../daemon/status-report.ts';
import {clipLine, wrapWords} from '../terminal.ts';
import type {CommandIo} from './command-io.ts';
import {formatStatus} from './status-text.ts';
import {describeKeys, type KeyState} from './watch-keys.ts';
import {describeReply} from './watch-lines.ts';

/** How many happenings stand below the live status. */
const latestShown = 8;

export class Screen {
	readonly #io: CommandIo;
	readonly #latest: string[] = [];
	#keys: KeyState = {kind: 'idle'};
	#status: StatusReport | undefined;
	#trouble = '';

	constructor(io: CommandIo) {
		this.#io = io;
	}

	get keys(): KeyState {
		return this.#keys;
	}

	/** As it is shown. */
	get status(): StatusReport | undefined {
		return this.#status;
	}

	show(reply: ControlReply): void {
		const line = describeReply(reply);
		if (line === undefined && reply.type !== 'status') return;
		// RFC 3339 without the day and what is below a second.
		if (line !== undefined) this.#latest.push(line.replace(/^\S+T([\d:]+)[\d.]*Z/, '$1'));
		this.#latest.splice(0, this.#latest.length - latestShown);
		if (reply.type === 'status') this.#status = reply.status;
		this.#trouble = '';
		this.#draw();
	}

	/** @param trouble The daemon does not answer. */
	change({keys = this.#keys, trouble = this.#trouble}: {readonly keys?: KeyState; readonly trouble?: string}): void {
		this.#keys = keys;
		this.#trouble = trouble;
		this.#draw();
	}

	clear(): void {
		this.#io.out('\x1b[2J');
		this.#draw();
	}

	/** Home, each line cleared to its end, then what is left below: no flicker as a full clear would give. */
	#draw(): void {
		if (this.#status === undefined) return;
		const {paint, size: readSize} = this.#io;
		const size = readSize();
		// A line that wraps or a screen that scrolls would make every redraw begin at another place.
		const rows = size === undefined ? Number.POSITIVE_INFINITY : Math.max(1, size.rows - 1);
		const foot = this.#foot(size?.columns).slice(-rows);
		const room = rows - foot.length;
		const latest = this.#latest.slice(Math.max(0, this.#latest.length - Math.floor(room / 3)));
		const below = room > 2 ? ['', ...latest] : [];
		const above = [
			...this.#complaint(size?.columns),
			...formatStatus(this.#status, paint, {columns: size?.columns, shortens: true}),
		];
		const shown = [...above.slice(0, room - below.length), ...below, ...foot];
		this.#io.out(`\x1b[H${shown.map(text => `${clipLine(text, size?.columns)}\x1b[K`).join('\n')}\n\x1b[J`);
	}

	#complaint(columns: number | undefined): string[] {
		if (this.#trouble === '') return [];
		const text = `! ${this.#trouble}; asked again each second. What stands below is what it said last.`;
		return wrapWords(text, columns).map(line => this.#io.paint('red', line));
	}

	#foot(columns: number | undefined): string[] {
		const {paint, interactive} = this.#io;
		if (!interactive) return [paint('dim', 'Ctrl-C ends the watch')];
		const {said, keys} = describeKeys(this.#keys);
		const lines = said === '' ? [] : wrapWords(said, columns);
		return [...lines.map(line => paint('bold', line)), ...wrapWords(keys, columns).map(line => paint('dim', line))];
	}
}
