/**
 * Where `hapair` begins: the compile cache, then the command line.
 *
 * Decides that compiled code is kept. Leaves where to `cache-directory.ts`, and the commands to `program.ts`; `hapair proxy` goes straight to the engine, whose flags are HAProxy's.
 */
import {enableCompileCache} from 'node:module';
import {findCacheDirectory} from './processes/cache-directory.ts';

const cache = findCacheDirectory(process.getuid?.(), process.env);
if (cache !== undefined) enableCompileCache(`${cache}/hapair/compile`);

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
