/**
 * What a server says first in mode tcp, while `tcp-response` rules look at it (HAProxy manual, `tcp-response content`).
 *
 * Decides how long it is kept back and when no more of it is waited for. Leaves judging to `stick/tcp-rules.ts`, carrying the verdict
 * out to the session.
 */
import type {RequestSample} from '../rules/request-sample.ts';
import type {Progress, Verdict} from '../stick/tcp-rules.ts';
import type {ContentRules} from './content-rules.ts';
import {Timer, type TimerOwner, type TimerWheel} from './timer-wheel.ts';

/** Bytes that are kept back at most. */
const MAX_KEPT = 16_384;

export class ResponseGate implements TimerOwner {
	readonly timer: Timer = new Timer(this);
	/** Kept back, latin1. */
	text = '';
	readonly #rules: ContentRules;
	readonly #sample: RequestSample;
	readonly #wheel: TimerWheel;
	readonly #onTimeout: (nowMs: number) => void;
	readonly #progress: Progress = {at: 0};

	/** `onTimeout`: the rules have waited long enough. */
	constructor(rules: ContentRules, sample: RequestSample, wheel: TimerWheel, onTimeout: (nowMs: number) => void) {
		this.#rules = rules;
		this.#sample = sample;
		this.#wheel = wheel;
		this.#onTimeout = onTimeout;
	}

	/** Time begins to run. */
	open(nowMs: number): Verdict {
		const {inspectDelayMs} = this.#rules;
		this.#wheel.set(this.timer, nowMs + inspectDelayMs);
		return this.judge(inspectDelayMs === 0);
	}

	/** `isFinal`: nothing more is waited for. Anything but `wait` ends the gate. */
	judge(isFinal: boolean): Verdict {
		const sample = this.#sample;
		sample.responseContents = this.text;
		sample.isFinal = isFinal || this.text.length >= MAX_KEPT;
		const verdict = this.#rules.rules.judge(sample, this.#progress);
		sample.isFinal = true;
		if (verdict !== 'wait') this.close();
		return verdict;
	}

	close(): void {
		this.#wheel.remove(this.timer);
	}

	onDeadline(nowMs: number): void {
		this.#onTimeout(nowMs);
	}
}
