import test from 'ava';
import {RateMeters} from '../src/rate-meters.ts';

const size = {frontends: 1, backends: 1, servers: 2, workers: 2};
const startMs = 1_700_000_000_000;

function create(): {main: RateMeters; workers: readonly RateMeters[]} {
	const buffer = new SharedArrayBuffer(RateMeters.bytes(size));
	const [main, ...workers] = [-1, 0, 1].map(index => new RateMeters(buffer, 0, size, index));
	return {main: main!, workers};
}

test('what all threads count in one second adds up', t => {
	const {main, workers} = create();
	const meter = main.meter('server', 1);
	for (const worker of workers) for (let i = 0; i < 3; i++) worker.hit(meter, startMs + i);
	t.is(main.read(meter, startMs + 900), 6);
	t.is(main.read(main.meter('server', 0), startMs + 900), 0);
});

test('the last second counts as far as it is still within the last thousand milliseconds', t => {
	const {main, workers} = create();
	for (let i = 0; i < 8; i++) workers[0]!.hit(0, startMs + 10);
	t.is(main.read(0, startMs + 1250), 6);
	workers[1]!.hit(0, startMs + 1300);
	t.is(main.read(0, startMs + 1500), 5);
	t.is(main.read(0, startMs + 2000), 1);
	t.is(main.read(0, startMs + 3100), 0);
});

test('a lone event does not flicker', t => {
	const {main, workers} = create();
	workers[0]!.hit(0, startMs + 999);
	t.is(main.read(0, startMs + 1990), 1);
	t.is(main.read(0, startMs + 2010), 0);
});

test('a slot that was used seconds ago begins at zero', t => {
	const {main, workers} = create();
	for (let i = 0; i < 5; i++) workers[0]!.hit(0, startMs);
	workers[0]!.hit(0, startMs + 4000);
	t.is(main.read(0, startMs + 4000), 1);
});

test('the highest second is kept, also when the main thread comes two seconds late, until it is cleared', t => {
	const {main, workers} = create();
	for (let i = 0; i < 7; i++) workers[i % 2]!.hit(2, startMs + i);
	main.note(startMs + 2100);
	t.is(main.highest(2, startMs + 60_000), 7);
	t.is(workers[0]!.highest(2, startMs + 60_000), 7);
	main.clearHighest();
	t.is(main.highest(2, startMs + 60_000), 0);
});
