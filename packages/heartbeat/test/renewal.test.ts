import type {NetworkInterfaceInfo} from 'node:os';
import test from 'ava';
import {chooseSource} from '../src/renewal.ts';

const common = {netmask: '', mac: '02:00:00:00:00:01', internal: false, cidr: null};
const four: NetworkInterfaceInfo = {...common, family: 'IPv4', address: '10.0.0.11'};
const six: NetworkInterfaceInfo = {...common, family: 'IPv6', address: 'fe80::1', scopeid: 2};

test('§5.4: the renewing copy leaves by IPv4 where the interface has an address of it, else by IPv6', t => {
	t.deepEqual(chooseSource('eth0', [six, four]), {family: 4, address: '10.0.0.11'});
	t.deepEqual(chooseSource('eth0', [six]), {family: 6, address: '::%eth0'});
});

test('An interface without an address has no way out: the lease is then renewed otherwise', t => {
	t.is(chooseSource('eth0', []), undefined);
});
