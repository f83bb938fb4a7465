/** Rows whose behaviour other tests prove: the file, and the title of the test or its beginning. */

const PROGRAMS = 'test/keywords/programs.test.ts';

export const elsewhere: Readonly<Record<string, readonly [file: string, title: string]>> = {
	'syntax|several -f files': [PROGRAMS, 'several -f files are one configuration'],
	'proxy|bind (port range)': [PROGRAMS, 'a range of ports is a socket for each'],
	'global|daemon': [PROGRAMS, 'daemon goes to the background'],
	'global|pidfile': [PROGRAMS, 'pidfile names who serves there'],
	'global|user': [PROGRAMS, 'user and group'],
	'global|group': [PROGRAMS, 'user and group'],
	'global|uid': [PROGRAMS, 'uid and gid'],
	'global|gid': [PROGRAMS, 'uid and gid'],
	'global|stats socket': ['test/compat/stats-tools.test.ts', 'hatop'],
	'global|spread-checks': [
		'packages/proxy/test/health/scheduler.test.ts',
		'spread-checks moves a check by its percentage',
	],
	'global|chroot': ['packages/proxy/test/standalone/chroot.test.ts', 'chroot'],
	'bind option|transparent': ['test/pair/transparent.test.ts', 'a foreign address is listened at and shown'],
};
