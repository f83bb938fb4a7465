import test from 'ava';
import {type MachineFacts, planHeartbeat, planPrivileges} from '../../src/privileges/plan.ts';

const machine: MachineFacts = {
	uid: 0,
	gid: 0,
	accounts: [
		{name: 'root', uid: 0, gid: 0},
		{name: 'haproxy', uid: 102, gid: 105},
		{name: 'nobody', uid: 65534, gid: 65534},
	],
	groups: [
		{name: 'haproxy', gid: 105, members: []},
		{name: 'certs', gid: 200, members: ['haproxy', 'www']},
	],
	uidMap: [{inside: 0, count: 4294967295}],
	gidMap: [{inside: 0, count: 4294967295}],
	capabilities: -1,
	setpriv: '/usr/bin/setpriv',
};
const asked = {user: 'haproxy', group: 'haproxy'};

test('root starts the proxy through setpriv with one capability', t => {
	const plan = planPrivileges(asked, machine);
	t.deepEqual(plan.argvPrefix, [
		'/usr/bin/setpriv',
		'--reuid',
		'102',
		'--regid',
		'105',
		'--groups',
		'105,200',
		'--inh-caps',
		'-all,+net_bind_service',
		'--ambient-caps',
		'-all,+net_bind_service',
		'--bounding-set',
		'-all,+net_bind_service',
		'--no-new-privs',
	]);
	t.deepEqual(plan.warnings, []);
	t.is(plan.inProcess, undefined);
});

test('a user that does not exist becomes nobody, with a warning that says how to create it', t => {
	const plan = planPrivileges({user: 'lb', group: 'lb'}, machine);
	t.deepEqual(plan.identity, {user: 'nobody', uid: 65534, gid: 65534, groups: [65534]});
	t.is(plan.warnings.length, 2);
	t.regex(plan.warnings[0] ?? '', /User "lb" does not exist.*useradd --system/);
	t.regex(plan.warnings[1] ?? '', /Group "lb" does not exist.*groupadd --system lb/);
});

test('numeric ids need no account', t => {
	const plan = planPrivileges({uid: 4000, gid: 4001}, machine);
	t.deepEqual(plan.identity, {user: '4000', uid: 4000, gid: 4001, groups: [4001]});
});

test('another user than root changes nothing and says so only when it differs', t => {
	const stranger = planPrivileges(asked, {...machine, uid: 1000, capabilities: 0});
	t.deepEqual(stranger.argvPrefix, []);
	t.is(stranger.identity, undefined);
	t.regex(stranger.notices[0] ?? '', /uid 1000, not as user "haproxy"/);
	const same = planPrivileges(asked, {...machine, uid: 102});
	t.deepEqual([...same.notices, ...same.warnings], []);
});

test('a service without root keeps its power over the network from the proxy', t => {
	const powers = (1 << 10) | (1 << 12) | (1 << 13);
	const service = {...machine, uid: 997, capabilities: powers};
	const kept = '-all,+net_bind_service';
	t.deepEqual(planPrivileges({}, service).argvPrefix, [
		...['/usr/bin/setpriv', '--inh-caps', kept, '--ambient-caps', kept, '--no-new-privs'],
	]);
	t.deepEqual(planPrivileges({usesForeignAddresses: true}, service).argvPrefix[2], `${kept},+net_raw`);
	t.deepEqual(planPrivileges({}, {...service, capabilities: 1 << 10}).argvPrefix, []);
});

test('a service that may become somebody else gives the proxy to another user, who is in no other group', t => {
	const powers = (1 << 6) | (1 << 7) | (1 << 10) | (1 << 12) | (1 << 13);
	const kept = '-all,+net_bind_service';
	const service: MachineFacts = {
		...machine,
		uid: 997,
		gid: 996,
		capabilities: powers,
		accounts: [
			...machine.accounts,
			{name: 'hapair', uid: 997, gid: 996},
			{name: 'hapair-proxy', uid: 995, gid: 994},
			{name: 'friend', uid: 800, gid: 996},
		],
		groups: [...machine.groups, {name: 'hapair', gid: 996, members: []}, {name: 'hapair-proxy', gid: 994, members: []}],
	};
	const usual = planPrivileges({}, service);
	t.deepEqual(usual.argvPrefix, [
		...['/usr/bin/setpriv', '--reuid', '995', '--regid', '994', '--clear-groups'],
		...['--inh-caps', kept, '--ambient-caps', kept, '--no-new-privs'],
	]);
	t.deepEqual([...usual.notices, ...usual.warnings], []);
	const named = planPrivileges(asked, service);
	t.deepEqual(named.identity, {user: 'haproxy', uid: 102, gid: 105, groups: []});
	t.deepEqual([...named.notices, ...named.warnings], []);
	const unfit: readonly (readonly [request: Parameters<typeof planPrivileges>[0], said: RegExp])[] = [
		[{user: 'lb'}, /runs as user "hapair-proxy": user "lb" does not exist here/],
		[{user: 'haproxy', group: 'lb'}, /group "lb" does not exist here/],
		[{group: 'haproxy'}, /names a group and no user/],
		[{user: 'root'}, /can give nobody root/],
		[{user: 'haproxy', gid: 0}, /can give nobody root/],
		[{user: 'hapair'}, /user "hapair" runs the daemon, and the key of the pair is its own/],
		[{user: 'haproxy', group: 'hapair'}, /members of group hapair may give the daemon orders/],
		[{user: 'friend'}, /members of group 996 may give the daemon orders/],
	];
	for (const [request, said] of unfit) {
		const plan = planPrivileges(request, service);
		t.is(plan.identity?.user, 'hapair-proxy');
		t.regex(plan.notices.join(' '), said);
		t.deepEqual(plan.warnings, []);
	}
	const older = {...service, accounts: service.accounts.filter(({name}) => name !== 'hapair-proxy')};
	t.is(planPrivileges({}, older).identity, undefined, 'nobody else is there to be');
	t.is(planPrivileges({}, {...service, capabilities: powers & ~(1 << 7)}).identity, undefined);
});

test("the heartbeat keeps two of a service's powers, and root stays root", t => {
	const two = (1 << 12) | (1 << 13);
	const service = {...machine, uid: 997, capabilities: two | (1 << 7) | (1 << 10)};
	const kept = '-all,+net_admin,+net_raw';
	const expected = ['/usr/bin/setpriv', '--inh-caps', kept, '--ambient-caps', kept, '--no-new-privs'];
	t.deepEqual(planHeartbeat(service), expected);
	t.deepEqual(planHeartbeat({...service, capabilities: two}), []);
	t.deepEqual(planHeartbeat({...service, capabilities: 1 << 12}), []);
	t.deepEqual(planHeartbeat(machine), []);
});

test('root without a user line is warned', t => {
	const plan = planPrivileges({}, machine);
	t.deepEqual(plan.argvPrefix, []);
	t.regex(plan.warnings[0] ?? '', /runs as root/);
});

test('root of a user namespace with one user stays that user', t => {
	const plan = planPrivileges(asked, {...machine, uidMap: [{inside: 0, count: 1}]});
	t.deepEqual(plan.argvPrefix, []);
	t.is(plan.identity, undefined);
	t.regex(plan.notices[0] ?? '', /user namespace/);
});

test('without setpriv the process switches by itself', t => {
	const {setpriv: _, ...without} = machine;
	const plan = planPrivileges(asked, without);
	t.deepEqual(plan.argvPrefix, []);
	t.is(plan.inProcess?.uid, 102);
	t.regex(plan.notices[0] ?? '', /util-linux/);
});

test('a root that may not switch user says that it stays root', t => {
	const plan = planPrivileges(asked, {...machine, capabilities: 1 << 10});
	t.deepEqual(plan.argvPrefix, []);
	t.regex(plan.warnings[0] ?? '', /stays root.*CAP_SETUID/);
});

test('what root itself does not hold is not asked of setpriv', t => {
	const setuidOnly = planPrivileges(asked, {...machine, capabilities: (1 << 6) | (1 << 7)});
	t.false(setuidOnly.argvPrefix.includes('--bounding-set'));
	t.is(setuidOnly.argvPrefix[setuidOnly.argvPrefix.indexOf('--ambient-caps') + 1], '-all');
});

test('chroot is done by root, who becomes the user behind it', t => {
	const chroot = '/var/lib/haproxy';
	const plan = planPrivileges({...asked, chroot}, machine);
	t.like(plan, {rootDirectory: chroot, argvPrefix: [], inProcess: {user: 'haproxy', uid: 102}});
	const user = planPrivileges({...asked, chroot}, {...machine, uid: 1000});
	t.is(user.rootDirectory, undefined);
	t.regex(user.notices.join(' '), /chroot \/var\/lib\/haproxy is not done: only root can/);
	const bounded = planPrivileges({...asked, chroot}, {...machine, capabilities: ~(1 << 18)});
	t.is(bounded.rootDirectory, undefined);
	t.regex(bounded.warnings.join(' '), /allow CAP_SYS_CHROOT/);
	t.deepEqual(planPrivileges(asked, machine).notices, []);
});

test('foreign addresses need a second capability', t => {
	const plan = planPrivileges({...asked, usesForeignAddresses: true}, machine);
	t.true(plan.argvPrefix.includes('-all,+net_bind_service,+net_raw'));
});
