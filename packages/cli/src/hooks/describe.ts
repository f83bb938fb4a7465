/** How a hook is named to people: a program's path, `webhook`, `mail to …`. URLs may hold tokens and are not told. */
import type {Hook} from '@hapair/config';

export function describeHook(hook: Hook): string {
	switch (hook.kind) {
		case 'exec':
			return hook.argv[0] ?? '';
		case 'webhook':
			return hook.form === undefined ? 'webhook' : `webhook (${hook.form})`;
		case 'mail':
			return `mail to ${hook.to.join(', ')}`;
	}
}
