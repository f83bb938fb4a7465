import test from 'ava';
import {describeListenError} from '../src/listen-errors.ts';

const ip = {kind: 'ip', host: '10.0.0.100', port: 80} as const;

test('a port in use is named with the command that finds its owner', t => {
	const {message, hint} = describeListenError('*:80', ip, 'EADDRINUSE');
	t.is(message, 'bind *:80: port 80 is in use by another program.');
	t.regex(hint, /ss -ltnp 'sport = :80'/);
});

test('a missing permission names the capability', t => {
	const {message, hint} = describeListenError('*:80', ip, 'EACCES');
	t.regex(message, /needs root or CAP_NET_BIND_SERVICE/);
	t.regex(hint, /ip_unprivileged_port_start=80/);
});

test('an address of another machine names the kernel setting', t => {
	const {message, hint} = describeListenError('10.0.0.100:80', ip, 'EADDRNOTAVAIL');
	t.is(message, 'bind 10.0.0.100:80: this machine does not hold the address.');
	t.regex(hint, /net\.ipv4\.ip_nonlocal_bind=1.*or bind \*:80/);
});

test('a descriptor that is no listening socket is named', t => {
	for (const code of ['EBADF', 'EINVAL', 'ENOTSOCK']) {
		t.regex(describeListenError('fd@7', {kind: 'fd', fd: 7}, code).message, /descriptor 7 is not a listening socket/);
	}
});

test('a socket file says what is in its way', t => {
	const unix = {kind: 'unix', path: '/run/x.sock'} as const;
	t.regex(describeListenError('/run/x.sock', unix, 'ENOENT').message, /directory of \/run\/x\.sock does not exist/);
	const {message, hint} = describeListenError('/run/x.sock', unix, 'EACCES');
	t.regex(message, /no permission to create/);
	t.regex(hint, /under hapair\.service one in \/run\/hapair-proxy/);
	t.regex(describeListenError('/run/x.sock', unix, 'EADDRINUSE').hint, /rm \/run\/x\.sock/);
});

test('an error without a sentence of its own keeps its code', t => {
	t.is(describeListenError('*:80', ip, 'ENOBUFS').message, 'bind *:80: cannot listen (ENOBUFS).');
});
