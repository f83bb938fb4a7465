/**
 * Do the providers of the pair's drivers answer, and may their tokens move the address?
 *
 * Decides from one reading of each address, and where a driver can tell (`mayAssign`), from an order that cannot be carried out: a token
 * that may not write is refused for that reason before its words are looked at. Nothing moves.
 */
import type {Driver} from '@hapair/takeover';
import {clean} from '../../terminal.ts';
import {type Finding, finding} from '../finding.ts';

export interface ProviderFacts {
	readonly driver: string;
	readonly target: string;
	/** Where the address is, or why it could not be read. */
	readonly at?: string;
	readonly trouble?: string;
	/** May the token write? Absent where that cannot be told without moving something. */
	readonly mayWrite?: boolean;
}

const callLimitMs = 10_000;
const places: Readonly<Record<string, string>> = {
	here: 'this node',
	peer: 'the peer',
	elsewhere: 'another machine',
	nowhere: 'nobody',
};

/** The name of a driver's findings: one check for each driver. */
function providerCheck(driver: string): string {
	return driver;
}

export function judgeProvider({driver, target, at, trouble, mayWrite}: ProviderFacts): Finding {
	const check = providerCheck(driver);
	if (trouble !== undefined) {
		return finding(check, 'fail', `${target}: ${clean(trouble)}`, 'docs/drivers.md says what the driver needs');
	}
	const where = `${target} is at ${places[at ?? ''] ?? at}`;
	if (mayWrite === false) {
		return finding(
			check,
			'fail',
			`${where}, and the token may read it but not move it`,
			'a token that may write: docs/drivers.md',
		);
	}
	if (mayWrite === true) return finding(check, 'ok', `${where}, and the token may move it`);
	if (at === 'elsewhere') {
		return finding(
			check,
			'warn',
			`${where}, which is neither node`,
			'is that so on purpose? the master will order it here',
		);
	}
	return finding(check, 'ok', `${where}; that its credentials may move it shows at the first move`);
}

/** Never rejects, and takes 10 s at most. */
export async function probeProvider(driver: Driver): Promise<ProviderFacts> {
	const facts = {driver: driver.name, target: driver.target};
	const signal = AbortSignal.timeout(callLimitMs);
	const mayChange = (): never => {
		throw new Error('an examination changes nothing');
	};
	const context = {signal, term: 0, mayChange};
	try {
		const {at} = await driver.read(context);
		const mayWrite = await driver.mayAssign?.(context);
		return {...facts, at, ...(mayWrite === undefined ? {} : {mayWrite})};
	} catch (error) {
		const trouble = signal.aborted
			? `no answer within ${callLimitMs / 1000} s`
			: String(error instanceof Error ? error.message : error);
		return {...facts, trouble};
	}
}
