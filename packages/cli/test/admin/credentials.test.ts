import test from 'ava';
import {type Credentials, Keeper, sessionMs} from '../../src/admin/credentials.ts';
import {LoginLimiter} from '../../src/admin/login-limiter.ts';
import {RequestPace} from '../../src/admin/request-pace.ts';

const token = 'a-token-of-some-length';
const nobody: Credentials = {authorization: undefined, cookie: undefined, address: '10.0.0.1'};

function createKeeper() {
	const keeper = new Keeper(token, 'lb1');
	const identify = (given: Partial<Credentials>, nowMs = 0) => keeper.identify({...nobody, ...given}, nowMs);
	return {keeper, identify};
}

test('the token in the header is enough; a wrong one, another scheme and nothing are not', t => {
	const {identify} = createKeeper();
	t.is(identify({authorization: `Bearer ${token}`}).kind, 'token');
	t.is(identify({authorization: `bearer  ${token}`}).kind, 'token');
	for (const authorization of [`Bearer ${token}x`, `Basic ${token}`, 'Bearer', ''])
		t.like(identify({authorization}), {kind: 'refused', refusal: {status: 401}}, authorization);
});

test('a login gives a cookie that no page can read and no other site can send; it ends', t => {
	const {keeper, identify} = createKeeper();
	const cookie = keeper.logIn(token, '10.0.0.1', 0);
	if (typeof cookie !== 'string') return t.fail();
	t.regex(cookie, /^hapair-lb1=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
	const sent = `other=1; ${cookie.split(';')[0]}`;
	t.is(identify({cookie: sent}).kind, 'session');
	t.is(identify({cookie: sent}, sessionMs - 1).kind, 'session');
	t.like(identify({cookie: sent}, sessionMs), {kind: 'refused', refusal: {status: 401}});
	t.like(identify({cookie: 'hapair-lb1=guess'}), {kind: 'refused'});
	t.like(identify({cookie: 'hapair-lb1='}), {kind: 'refused'});
});

test('whoever logs out is out', t => {
	const {keeper, identify} = createKeeper();
	const cookie = String(keeper.logIn(token, '10.0.0.1', 0)).split(';')[0] ?? '';
	const identity = identify({cookie});
	if (identity.kind !== 'session') return t.fail();
	keeper.logOut(identity.key);
	t.is(identify({cookie}).kind, 'refused');
});

test('after some wrong tokens the sender waits, a right one in the login too; monitoring goes on', t => {
	const {keeper, identify} = createKeeper();
	for (let i = 0; i < 5; i++) t.like(keeper.logIn('wrong', '10.0.0.1', 0), {status: 401});
	t.like(keeper.logIn(token, '10.0.0.1', 0), {status: 429, headers: {'Retry-After': '10'}});
	t.like(identify({authorization: 'Bearer wrong'}), {refusal: {status: 429}});
	t.is(identify({authorization: `Bearer ${token}`}).kind, 'token');
	t.is(typeof keeper.logIn(token, '10.0.0.2', 0), 'string');
	t.is(typeof keeper.logIn(token, '10.0.0.1', 10_000), 'string');
});

test('many senders together are slowed down as well, and are not remembered without end', t => {
	const limiter = new LoginLimiter();
	for (let i = 0; i < 5000; i++) limiter.noteFailure(`10.0.${i >> 8}.${i & 255}`, 0);
	t.true(limiter.waitMs('192.168.0.1', 0) > 60_000);
	t.is(limiter.waitMs('192.168.0.1', 5_000_000), 0);
});

test('requests have a pace', t => {
	const pace = new RequestPace();
	let taken = 0;
	while (pace.take(0)) taken++;
	t.is(taken, 400);
	t.true(pace.take(5));
	t.false(pace.take(6));
});
