import test from 'ava';
import {ruleLine, shelterLines, unshelterLines} from '../src/second-chance-routes.ts';

const four = {address: '10.0.0.100', family: 4, prefixLength: 24, interface: 'eth0'} as const;
const six = {address: 'fd00::64', family: 6, prefixLength: 64, interface: 'eth0'} as const;

test('Only what comes in by the interface of the address looks into the table of its own', t => {
	t.is(
		ruleLine(four, 3694, 'add'),
		'rule add pref 1 iif eth0 to 10.0.0.100/32 ipproto 6 lookup 10003694 protocol kernel',
	);
	t.is(ruleLine(six, 3694, 'del'), 'rule del pref 1 iif eth0 to fd00::64/128 lookup 10003694 protocol kernel');
});

test('A sheltered address is no local one for anybody else', t => {
	t.deepEqual(shelterLines(four, 3694, 5), [
		'route add local 10.0.0.100/32 dev lo table 10003694 proto kernel',
		'addr replace 10.0.0.100/32 dev lo valid_lft 5 preferred_lft 5',
		'route del local 10.0.0.100 dev lo table local',
	]);
	t.deepEqual(shelterLines(six, 3694, 5), ['route add local fd00::64/128 dev lo table 10003694 proto kernel']);
	t.deepEqual(unshelterLines(four, 3694, true), [
		'addr del 10.0.0.100/32 dev lo',
		'route del local 10.0.0.100/32 dev lo table 10003694',
	]);
	t.is(unshelterLines(four, 3694, false).length, 1, 'an address without an end is not ours');
});
