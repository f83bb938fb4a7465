/**
 * Numbers and times for people. Pure.
 *
 * Decides that an age has one unit, two where the second one matters, and a number three digits.
 */
const UNITS: readonly (readonly [string, number])[] = [
	['d', 86_400],
	['h', 3600],
	['min', 60],
	['s', 1],
];

/** 0–999 ms as such, then `12 s`, `3 min 20 s`, `5 h 12 min`, `4 d 3 h`. */
export function formatAge(ms: number): string {
	if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
	const seconds = Math.floor(ms / 1000);
	for (const [index, [unit, size]] of UNITS.entries()) {
		if (seconds < size) continue;
		const [smaller, smallerSize] = UNITS[index + 1] ?? ['', 1];
		const whole = Math.floor(seconds / size);
		const rest = Math.floor((seconds - whole * size) / smallerSize);
		return rest === 0 || whole >= 10 || smaller === '' ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${smaller}`;
	}
	return '0 s';
}

/** `0.42`, `7.3`, `128`, `12.4k`, `3.1M`. */
export function formatNumber(value: number): string {
	if (value >= 1e6) return `${trim(value / 1e6)}M`;
	if (value >= 1e4) return `${trim(value / 1e3)}k`;
	return trim(value);
}

/** Milliseconds with their unit. */
export function formatMs(value: number): string {
	return value >= 1000 ? `${trim(value / 1000)} s` : `${trim(value)} ms`;
}

function trim(value: number): string {
	if (value === 0 || value >= 100) return String(Math.round(value));
	return String(Number(value.toFixed(value >= 10 ? 1 : 2)));
}

/** `14:03:07`, with the day when it is another one than `nowMs`'s. */
export function formatTime(iso: string, nowMs: number): string {
	const date = new Date(iso);
	if (Number.isNaN(date.getTime())) return iso;
	const time = date.toLocaleTimeString(undefined, {hour12: false});
	const isToday = date.toDateString() === new Date(nowMs).toDateString();
	return isToday ? time : `${date.toLocaleDateString(undefined, {day: 'numeric', month: 'short'})} ${time}`;
}
