/** Every scenario of `scenarios/` holds for hapair and for haproxy alike, driven by Debian's `varnishtest`. */
import test from 'ava';
import {canPlay, excerpt, fileOf, hapair, haproxy, makePlaces, play, readScenarios} from './play-scenario.ts';

const deadlineS = 30;
const scenario = canPlay ? test : test.skip;
/** Each test has two runs of its own. */
const withPlace = makePlaces(2);

for (const [name, {title, onlyHapair}] of readScenarios()) {
	scenario(`${name}: ${title}`, t =>
		withPlace(async () => {
			const subjects = onlyHapair === undefined ? [hapair, haproxy] : [hapair];
			const said = await Promise.all(subjects.map(subject => play(fileOf(name), subject, deadlineS)));
			for (const [index, {passed, log}] of said.entries())
				t.true(passed, `${name}.vtc under ${subjects[index]?.name}\n${excerpt(log)}`);
		}),
	);
}
