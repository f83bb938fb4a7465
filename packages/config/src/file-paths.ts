/**
 * Where relative names of files lead (HAProxy manual, `default-path`). Pure: nothing is read.
 *
 * Decides the path that a name becomes. Leaves reading to the caller.
 */

/** From where names count. */
export type DefaultPath =
	| {readonly kind: 'current' | 'config' | 'parent'}
	| {readonly kind: 'origin'; readonly path: string};

/** The path of `name`, as a line of the configuration file `config` has it. */
export function resolvePath(name: string, from: DefaultPath | undefined, config: string): string {
	if (from === undefined || from.kind === 'current' || name.startsWith('/')) return name;
	if (from.kind === 'origin') return join(from.path, name);
	const slash = config.lastIndexOf('/');
	const directory = slash < 0 ? '.' : config.slice(0, slash) || '/';
	return join(from.kind === 'config' ? directory : join(directory, '..'), name);
}

function join(directory: string, name: string): string {
	return directory === '.' ? name : `${directory.replace(/\/$/, '')}/${name}`;
}
