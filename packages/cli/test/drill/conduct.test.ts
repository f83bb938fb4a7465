import test from 'ava';
import {conductDrill, type DrillOutcome} from '../../src/drill/conduct.ts';
import type {Look} from '../../src/drill/gap.ts';
import {exitCodes} from '../../src/exit-codes.ts';

/** A pair in its own time: each pause is so many looks, answered by whoever has the address then. */
class Stage {
	nowMs = 0;
	holder: 'lb1' | 'lb2' | undefined = 'lb1';
	readonly looks: Look[] = [];
	readonly statusOf = {lb1: 200, lb2: 200};
	readonly said: string[] = [];
	moves: 'move' | 'refuse' | 'late' = 'move';
	returnsWhenAsked = true;
	looksHere = true;

	pass(ms: number): void {
		for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
			this.nowMs += 10;
			if (this.holder === undefined || (this.holder === 'lb1' && !this.looksHere)) continue;
			const [startedMs, answeredMs, here] = [this.nowMs - 2, this.nowMs, this.holder === 'lb1'];
			this.looks.push({startedMs, answeredMs, here, status: this.statusOf[this.holder]});
		}
	}

	move(to: 'lb1' | 'lb2', gapMs: number): void {
		this.holder = undefined;
		this.pass(gapMs);
		this.holder = to;
	}

	drill(order: {returns?: boolean; dryRun?: boolean; livesOn?: boolean} = {}): Promise<DrillOutcome> {
		const done = {code: exitCodes.ok, message: 'lb2 took the address', durationMs: 1};
		return conductDrill(
			{
				prober: {
					looks: this.looks,
					start() {},
					lookHere: on => {
						this.looksHere = on;
					},
					stop: () => this.said.push('stopped'),
				},
				handOver: async ({doorShut, keepMs}) => {
					if (keepMs > 0) {
						this.pass(50);
						this.move('lb2', 40);
						return {...done, keepMs};
					}
					const before = this.looks.length;
					this.pass(50);
					if (this.looks.length > before) this.said.push('the handover waits for looks of its own node');
					if (this.moves === 'refuse') return {...done, code: exitCodes.refused, message: 'lb2 did not get ready'};
					doorShut?.();
					this.move('lb2', 40);
					return this.moves === 'late' ? {...done, code: exitCodes.timedOut, message: 'too late'} : done;
				},
				askBack: async () => {
					this.said.push('asked back');
					if (!this.returnsWhenAsked) return {ok: false, message: 'lb2 did not hand over', durationMs: 1};
					this.pass(30);
					this.move('lb1', 20);
					return {ok: true, message: '', durationMs: 1};
				},
				pause: async ms => this.pass(ms),
				nowMs: () => this.nowMs,
			},
			{
				giver: 'lb1',
				taker: 'lb2',
				target: 'http://10.0.0.100:80/',
				returns: false,
				dryRun: false,
				livesOn: false,
				progress: message => this.said.push(message),
				...order,
			},
		);
	}
}

test('moves, measures and stays', async t => {
	const stage = new Stage();
	const {result, gapMs, returnGapMs} = await stage.drill();
	t.deepEqual([result, gapMs, returnGapMs, stage.holder], ['passed', 50, undefined, 'lb2']);
	t.is(stage.said.at(-1), 'stopped');
	t.false(stage.said.some(said => said.startsWith('the handover waits')));
});

test('where connections live on nobody shuts a door: the gap begins with the last answer here', async t => {
	const stage = new Stage();
	const {result, gapMs, returnGapMs} = await stage.drill({livesOn: true, returns: true});
	t.deepEqual([result, gapMs, returnGapMs, stage.holder], ['passed', 50, 30, 'lb1']);
	t.true(stage.looks.filter(({here}) => here).length > 10, 'it looks until the address leaves');
});

test('comes back where it should, and measures that too', async t => {
	const stage = new Stage();
	const {result, gapMs, returnGapMs, reason} = await stage.drill({returns: true});
	t.deepEqual([result, gapMs, returnGapMs, stage.holder], ['passed', 50, 30, 'lb1']);
	t.regex(reason, /it is back on lb1$/);
});

test('a dry run moves nothing', async t => {
	const stage = new Stage();
	t.is((await stage.drill({dryRun: true})).result, 'passed');
	t.is(stage.holder, 'lb1');
});

test('refused before the move: nobody answers here, or the handover is refused', async t => {
	const broken = new Stage();
	broken.statusOf.lb1 = 503;
	t.regex((await broken.drill()).reason, /does not answer on lb1: HTTP status 503$/);
	t.is(broken.holder, 'lb1');
	const refused = new Stage();
	refused.moves = 'refuse';
	t.deepEqual(await refused.drill(), {result: 'refused', reason: 'lb2 did not get ready'});
});

test('rolled back: the peer has the address and does not serve', async t => {
	const stage = new Stage();
	stage.statusOf.lb2 = 502;
	const {result, reason} = await stage.drill();
	t.is(result, 'failed');
	t.is(reason, 'lb2 took the address and did not serve: HTTP status 502; the address is back on lb1');
	t.is(stage.holder, 'lb1');
});

test('failed: the move has no end, the peer does not give it back, or it does not answer at home', async t => {
	const late = new Stage();
	late.moves = 'late';
	t.deepEqual(await late.drill(), {result: 'failed', reason: 'too late'});
	const kept = new Stage();
	kept.returnsWhenAsked = false;
	const {result, gapMs, reason} = await kept.drill({returns: true});
	t.deepEqual([result, gapMs], ['failed', 50]);
	t.is(reason, 'lb2 took the address and did not give it back: lb2 did not hand over');
	kept.statusOf.lb2 = 500;
	kept.holder = 'lb1';
	t.regex((await kept.drill()).reason, /it did not come back: lb2 did not hand over$/);
});
