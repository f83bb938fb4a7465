import test from 'ava';
import {isGood, type Look, measureLeaving, measureReturning} from '../../src/drill/gap.ts';

const look = (answeredMs: number, here: boolean, status = 200): Look => ({
	startedMs: answeredMs - 2,
	answeredMs,
	here,
	status,
});
const every10 = (fromMs: number, toMs: number, here: boolean): Look[] => {
	const looks: Look[] = [];
	for (let ms = fromMs; ms <= toMs; ms += 10) looks.push(look(ms, here));
	return looks;
};

test('the address goes: from the shut door to the first answer across the network', t => {
	const looks = [...every10(0, 120, true), ...every10(134, 300, false)];
	t.is(measureLeaving(looks, 100), 34, 'what this node answers itself behind its own door is no service');
});

test('the address goes: a pause after the first answer counts when it is the longest', t => {
	const looks = [...every10(120, 150, false), ...every10(290, 400, false)];
	t.is(measureLeaving(looks, 100), 140);
});

test('answers that came late are put in order; what failed is a pause', t => {
	const bad = [look(110, false, 503), {startedMs: 115, error: 'connect ECONNREFUSED'}];
	t.is(measureLeaving([look(160, false), ...bad, look(150, false)], 100), 50);
	t.false(isGood(look(1, false, 500)));
	t.true(isGood(look(1, false, 404)), 'a refusal is an answer');
	t.true(isGood({startedMs: 0, answeredMs: 1, here: true}), 'without HTTP a connection is enough');
});

test('without an answer across the network there is no figure', t => {
	t.is(measureLeaving(every10(0, 200, true), 100), undefined);
	t.is(measureReturning(every10(0, 200, false), 100), undefined);
});

test('the address comes: the last answer across and the first one here are joined', t => {
	const looks = [...every10(0, 150, false), ...every10(181, 300, true)];
	t.is(measureReturning(looks, 100), 31);
});

test('the address comes: answers here from before it went do not count', t => {
	const looks = [...every10(0, 50, true), ...every10(60, 150, false), ...every10(200, 300, true)];
	t.is(measureReturning(looks, 100), 50);
});
