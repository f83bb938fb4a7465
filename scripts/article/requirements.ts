/**
 * What the reproduction needs of the machine, as Debian's packages, and where it is.
 *
 * Decides nothing about how it is used, and installs nothing: a web server is not put on somebody's machine unasked.
 */
import {globSync} from 'node:fs';
import {maybeFindTool} from '../../test/lab/tools.ts';

const apacheModules = '/usr/lib/apache2/modules';

export interface WebPrograms {
	readonly apache: string;
	/** Directory of Apache's modules. */
	readonly modules: string;
	/** PHP as a module of Apache. */
	readonly php: string;
}

/** Where everything is, or the names of the packages that are missing. */
export function findWebPrograms(): WebPrograms | {readonly missing: readonly string[]} {
	const apache = maybeFindTool('apache2');
	const php = globSync(`${apacheModules}/libphp*.so`).sort().at(-1);
	const hasSqlite = globSync('/etc/php/*/apache2/conf.d/*pdo_sqlite.ini').length > 0;
	const missing = [
		...(apache === undefined ? ['apache2-bin'] : []),
		...(php === undefined ? ['libapache2-mod-php'] : []),
		...(hasSqlite ? [] : ['php-sqlite3']),
	];
	if (apache === undefined || php === undefined || missing.length > 0) return {missing};
	return {apache, modules: apacheModules, php};
}
