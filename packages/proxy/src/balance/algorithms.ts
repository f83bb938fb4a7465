/**
 * The list of balance algorithms: one line each (HAProxy manual, `balance`).
 *
 * Decides nothing else. A new algorithm is one file beside this one, one line here and its name in the configuration's model.
 */
import type {BalanceAlgorithm} from '@hapair/config';
import type {Algorithm} from './algorithm.ts';
import {first} from './first.ts';
import {header} from './header.ts';
import {leastConnections} from './least-connections.ts';
import {random} from './random.ts';
import {rdpCookie} from './rdp-cookie.ts';
import {roundRobin} from './round-robin.ts';
import {source} from './source.ts';
import {staticRoundRobin} from './static-round-robin.ts';
import {uri} from './uri.ts';
import {urlParameter} from './url-parameter.ts';

export const ALGORITHMS: Readonly<Record<BalanceAlgorithm, Algorithm>> = {
	roundrobin: roundRobin,
	'static-rr': staticRoundRobin,
	leastconn: leastConnections,
	first,
	random,
	source,
	uri,
	url_param: urlParameter,
	hdr: header,
	'rdp-cookie': rdpCookie,
};
