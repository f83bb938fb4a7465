/** `hapair proxy`: the engine alone, in the place of `/usr/sbin/haproxy`. Flags, exit codes and signals are HAProxy's. */
import {runStandalone} from '@hapair/proxy';

export async function runProxy(argv: readonly string[]): Promise<number> {
	return runStandalone(argv, {
		out: text => process.stdout.write(text),
		err: text => process.stderr.write(text),
	});
}
