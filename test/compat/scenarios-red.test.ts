/**
 * Every proof in the head of a scenario can fail: with its one change of the configuration the scenario does not pass.
 *
 * Played under haproxy: whether a scenario sees a keyword does not depend on who reads it, and haproxy starts sooner.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {canPlay, hapair, haproxy, makePlaces, play, readScenarios} from './play-scenario.ts';
import {applyProof} from './scenario-head.ts';

/** Whoever waits for what the changed configuration never does waits this long. */
const deadlineS = 4;
/** Most of them do nothing but wait. */
const withPlace = makePlaces(0.5);
const REFUSAL = /\[ALERT\].*(?:config|parsing|Fatal errors)|Fatal errors found in configuration/;

for (const [name, scenario] of readScenarios()) {
	for (const [index, proof] of scenario.proofs.entries()) {
		const {rows, before, after, refused} = proof;
		const run = canPlay ? test : test.skip;
		run(`${name} ${index + 1}: ${rows.join(', ')} fails with ${after || 'nothing'} for ${before}`, t =>
			withPlace(async () => {
				const directory = mkdtempSync(join(tmpdir(), 'hapair-red-'));
				try {
					const subject = scenario.onlyHapair === undefined ? haproxy : hapair;
					const file = join(directory, `${name}.vtc`);
					writeFileSync(file, applyProof(scenario, proof));
					const {passed, log} = await play(file, subject, deadlineS, directory);
					t.false(passed, 'The scenario passes all the same: nothing in it depends on what was changed');
					t.is(REFUSAL.test(log), refused, refused ? 'The change was accepted' : 'The change was refused when read');
				} finally {
					rmSync(directory, {recursive: true, force: true});
				}
			}),
		);
	}
}
