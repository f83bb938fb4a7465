/**
 * What the process says of itself on the stats socket and the page.
 *
 * Decides the version that other programs read: they choose by it which columns to expect, so it names the HAProxy whose they are, then
 * this program's own.
 */
import {hostname} from 'node:os';
import type {GlobalSettings} from '@hapair/config';
import manifest from '../../package.json' with {type: 'json'};
import {readDescriptorLimit} from '../descriptor-limit.ts';
import type {ProcessFacts} from './info.ts';

/** Of this version; set with the version in `package.json`. */
const RELEASE_DATE = '2026/11/27';

type LastingFacts = Pick<ProcessFacts, 'version' | 'releaseDate' | 'node' | 'pid' | 'descriptorLimit'>;

/** Facts that hold as long as the process lives. */
export function readProcessFacts(global: GlobalSettings): LastingFacts {
	const {version} = manifest;
	const limit = readDescriptorLimit();
	return {
		version: `2.6-hapair-${version}`,
		releaseDate: RELEASE_DATE,
		node: global.node ?? hostname(),
		pid: process.pid,
		descriptorLimit: Number.isFinite(limit) ? limit : 0,
	};
}
