import {type Pair, parseConfiguration} from '@hapair/config';
import test from 'ava';
import {mayReturn} from '../../src/drill/desk.ts';
import {describeTarget, findProbeTarget} from '../../src/drill/probe-target.ts';
import {samplePair} from '../helpers/samples.ts';

function targetOf(lines: string, pair: Pair = samplePair): string | undefined {
	const {configuration} = parseConfiguration([{name: 'a.cfg', text: lines}], {environment: {}});
	const target = configuration && findProbeTarget(configuration, pair);
	return target && describeTarget(target);
}

test('the first bind of the first frontend on the virtual address that a plain client can ask', t => {
	const mode = 'mode http\ntimeout client 1s\ntimeout connect 1s\ntimeout server 1s\n';
	t.is(targetOf(`listen web\n${mode}bind *:80\nbind *:81`), 'http://10.0.0.100:80/');
	t.is(targetOf(`listen web\n${mode}bind 127.0.0.1:80\nbind 10.0.0.100:8080`), 'http://10.0.0.100:8080/');
	t.is(targetOf(`listen web\n${mode}bind *:80 accept-proxy\nbind *:81`), 'http://10.0.0.100:81/');
	t.is(targetOf('listen db\nmode tcp\nbind *:5432'), 'tcp 10.0.0.100:5432');
	t.is(targetOf(`listen web\n${mode}bind 127.0.0.1:80`), undefined);
	t.is(targetOf(`listen web\n${mode}bind :::80 v6only`), undefined);
	const drill = {cron: '0 4 * * 0', settleMs: 0, returns: false, probePath: '/ok', position: samplePair.position};
	t.is(targetOf(`listen web\n${mode}bind :::80 v4v6`, {...samplePair, drill}), 'http://10.0.0.100:80/ok');
});

test('the address returns to the preferred node where there is one, else as the drill line says', t => {
	const [lb1, lb2] = samplePair.nodes;
	const drill = {cron: '0 4 * * 0', settleMs: 0, returns: true, probePath: '/', position: samplePair.position};
	t.false(mayReturn(samplePair, lb1));
	t.true(mayReturn({...samplePair, drill}, lb2));
	const preempting: Pair = {...samplePair, preempt: {mode: 'after', delayMs: 1000}, drill: {...drill, returns: false}};
	t.true(mayReturn(preempting, lb1));
	t.false(mayReturn(preempting, lb2));
});
