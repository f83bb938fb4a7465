/**
 * The configuration as the rest of hapair sees it: plain, frozen data with units in the names.
 *
 * Decides what a configuration can say, section by section in `model/`. Leaves reading text to the parser and cross-checks to `validate`.
 * Times are milliseconds; an absent timeout means "wait for ever" (HAProxy's default).
 * `listen` sections arrive here as one frontend and one backend of the same name.
 */
import type {PatternList} from './model/acl.ts';
import type {Backend} from './model/backend.ts';
import type {Frontend} from './model/frontend.ts';
import type {GlobalSettings} from './model/global.ts';
import type {Pair} from './model/pair.ts';
import type {StickTable} from './model/stick.ts';
import type {Userlist} from './model/userlist.ts';

export type * from './model/acl.ts';
export type * from './model/backend.ts';
export type * from './model/check.ts';
export type * from './model/frontend.ts';
export type * from './model/global.ts';
export type * from './model/hooks.ts';
export type * from './model/http-rules.ts';
export type * from './model/pair.ts';
export type * from './model/position.ts';
export type * from './model/proxy.ts';
export type * from './model/server.ts';
export type * from './model/stick.ts';
export type * from './model/takeover.ts';
export type * from './model/tcp-rules.ts';
export type * from './model/userlist.ts';

export interface Configuration {
	/** Which lexing rules were used: 1.4 had no quotes and no `$VAR`. */
	readonly syntax: '1.4' | 'modern';
	readonly global: GlobalSettings;
	readonly userlists: readonly Userlist[];
	/** In the order of the file; rules name them. */
	readonly stickTables: readonly StickTable[];
	/** Everything that patterns and maps are looked up in; they can be changed at run time. By place. */
	readonly patternLists: readonly PatternList[];
	readonly frontends: readonly Frontend[];
	readonly backends: readonly Backend[];
	readonly pair?: Pair;
}
