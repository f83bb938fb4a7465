/**
 * The five fields of a schedule: minute, hour, day of month, month, day of week (crontab(5)). Pure.
 *
 * Decides what a schedule is and says where one is wrong. It knows the part of the syntax on which all crons agree; day of month and day of
 * week in one line is refused, since some take it for "and", some for "or". Leaves the reckoning of times to the daemon.
 */

/** What is wrong, and where in the text. */
export interface CronProblem {
	readonly offset: number;
	readonly length: number;
	readonly message: string;
	readonly hint: string;
}

interface Field {
	readonly name: string;
	readonly min: number;
	readonly max: number;
	readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const FIELDS: readonly Field[] = [
	{name: 'minute', min: 0, max: 59},
	{name: 'hour', min: 0, max: 23},
	{name: 'day of month', min: 1, max: 31},
	{name: 'month', min: 1, max: 12, names: MONTHS},
	{name: 'day of week', min: 0, max: 7, names: DAYS},
];

const FORM = '"MINUTE HOUR DAY MONTH WEEKDAY", such as "0 4 * * 0": Sundays at four';

/** The first thing that is wrong with a schedule; nothing when it is one. */
export function findCronProblem(text: string): CronProblem | undefined {
	const words = [...text.matchAll(/\S+/g)];
	const whole = {offset: 0, length: text.length};
	if (words.length !== FIELDS.length) {
		return {...whole, message: `a schedule has five fields, and this one has ${words.length}`, hint: FORM};
	}
	const values: number[][] = [];
	for (const [index, field] of FIELDS.entries()) {
		const [word] = words[index]!;
		const read = readField(word.toLowerCase(), field);
		if (typeof read === 'string') {
			return {offset: words[index]!.index, length: word.length, message: read, hint: describeField(field)};
		}
		values.push(read);
	}
	const [, , day, , weekday] = words.map(([word]) => word);
	if (day !== '*' && weekday !== '*') {
		const message = 'day of month and day of week together mean "and" to some and "or" to others';
		return {...whole, message, hint: 'write * for one of the two'};
	}
	const [, , days = [], months = []] = values;
	if (months.some(month => days.some(one => one <= LONGEST_MONTHS[month - 1]!))) return undefined;
	return {...whole, message: 'this day is in none of these months', hint: 'choose a day that exists'};
}

function describeField({name, min, max, names}: Field): string {
	const words = names === undefined ? '' : `, or ${names[0]} to ${names.at(-1)}`;
	return `${name}: ${min} to ${max}${words}; also *, 1,3, 1-5, */2`;
}

/** All values, or a sentence. */
function readField(text: string, field: Field): number[] | string {
	const values: number[] = [];
	for (const part of text.split(',')) {
		const [, range = '', step] = /^([^/]*)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
		const bounds = readRange(range, field);
		if (bounds === undefined || step === '0' || step === '00' || (step !== undefined && !/[*-]/.test(range))) {
			return `'${part}' cannot be the ${field.name}`;
		}
		for (let value = bounds[0]; value <= bounds[1]; value += Number(step ?? 1)) values.push(value);
	}
	return values;
}

function readRange(text: string, field: Field): readonly [number, number] | undefined {
	if (text === '*') return [field.min, field.max];
	const [first = '', last = first, ...more] = text.split('-');
	const from = readValue(first, field);
	const to = readValue(last, field);
	if (more.length > 0 || from === undefined || to === undefined || from > to) return undefined;
	return [from, to];
}

function readValue(text: string, {min, max, names}: Field): number | undefined {
	const named = names?.indexOf(text) ?? -1;
	if (named >= 0) return named + min;
	const value = /^\d{1,2}$/.test(text) ? Number(text) : -1;
	return value >= min && value <= max ? value : undefined;
}
