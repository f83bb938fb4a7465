import test from 'ava';
import {Timer, TimerWheel} from '../../src/engine/timer-wheel.ts';

const setUp = () => {
	const told: number[] = [];
	const wheel = new TimerWheel(1000);
	return {told, wheel, timer: new Timer({onDeadline: nowMs => told.push(nowMs)})};
};

test('A wheel is empty until a deadline is set, and again when it has passed', t => {
	const {told, wheel, timer} = setUp();
	t.true(wheel.isEmpty);
	wheel.set(timer, 1100);
	t.false(wheel.isEmpty);
	wheel.advance(1090);
	t.false(wheel.isEmpty);
	wheel.advance(1120);
	t.deepEqual(told, [1120]);
	t.true(wheel.isEmpty);
});

test('It is empty again when the timer is removed, and when one that was turned off has come up', t => {
	const {told, wheel, timer} = setUp();
	wheel.set(timer, 1100);
	wheel.set(timer, 1060);
	wheel.remove(timer);
	t.true(wheel.isEmpty);
	wheel.set(timer, 1100);
	wheel.set(timer, Number.POSITIVE_INFINITY);
	wheel.advance(1120);
	t.true(wheel.isEmpty);
	t.deepEqual(told, []);
});

test('A deadline further away than the wheel is wide keeps it from being empty', t => {
	const {told, wheel, timer} = setUp();
	wheel.set(timer, 31_000);
	for (let nowMs = 1000; nowMs < 30_900; nowMs += 500) wheel.advance(nowMs);
	t.false(wheel.isEmpty);
	wheel.advance(31_020);
	t.is(told.length, 1);
	t.true(wheel.isEmpty);
});
