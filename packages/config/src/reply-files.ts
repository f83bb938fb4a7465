/**
 * The files that a configuration names for answers: `errorfile` and `http-error` lines, and `file` and `errorfile` of rules.
 *
 * Decides which there are. Leaves reading them to the programs.
 */
import type {Configuration, Position, Reply} from './model.ts';

export interface NamedFile {
	readonly path: string;
	/** A whole response, for this status; absent: a body alone. */
	readonly status?: number;
	/** What names it. */
	readonly keyword: string;
	readonly position: Position;
}

/** In the order of the file. */
export function namedFiles({frontends, backends}: Configuration): readonly NamedFile[] {
	return [...frontends, ...backends].flatMap(proxy => [
		...proxy.errorFiles.map(file => ({...file, keyword: 'errorfile'})),
		...(proxy.errorReplies ?? []).flatMap(({reply, position}) => filesOf(reply, position)),
		...[...proxy.httpRequestRules, ...proxy.httpResponseRules, ...proxy.afterResponseRules].flatMap(rule =>
			'reply' in rule && rule.reply !== undefined ? filesOf(rule.reply, rule.position) : [],
		),
	]);
}

function filesOf({file, errorFile, status}: Reply, position: Position): readonly NamedFile[] {
	if (file !== undefined) return [{path: file, keyword: 'file', position}];
	return errorFile === undefined ? [] : [{path: errorFile, status, keyword: 'errorfile', position}];
}
