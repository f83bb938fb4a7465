/**
 * Where `hapair` begins: the compile cache, then the command line.
 *
 * Decides where compiled code is kept: never in a directory that another user could have prepared, since the daemon runs
 * as root. Leaves the commands to `program.ts`; `hapair proxy` goes straight to the engine, whose flags are HAProxy's.
 */
import {enableCompileCache} from 'node:module';
import {homedir} from 'node:os';

enableCompileCache(
	process.getuid?.() === 0
		? '/var/cache/hapair/compile'
		: `${process.env.XDG_CACHE_HOME || `${homedir()}/.cache`}/hapair/compile`,
);

const argv = process.argv.slice(2);
if (argv[0] === 'proxy' && argv[1] !== '--help') {
	const {runProxy} = await import('./commands/proxy.ts');
	process.exitCode = await runProxy(argv.slice(1));
} else {
	const {runCommandLine} = await import('./program.ts');
	const {createProcessIo} = await import('./commands/command-io.ts');
	process.exitCode = await runCommandLine(argv, createProcessIo());
	// Output to pipes and files is written by now; a connection or pipe that somebody holds open must not keep the process.
	setTimeout(() => process.exit(), 500).unref();
}
