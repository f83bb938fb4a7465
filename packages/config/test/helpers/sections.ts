import type {Backend, Frontend, GlobalSettings, Pair} from '../../src/index.ts';
import {configurationOf, only, type ParseChoices, remarks} from './parse.ts';

/** Line 1 to 5: everything that a proxy needs so that nothing is said about it. */
const DEFAULTS = 'defaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s';

function section(head: string, lines: readonly string[]): string {
	return [head, ...lines.map(line => ` ${line}`)].join('\n');
}

/** The given lines begin at line 8, column 2. Backends `app` and `api` exist. */
export function frontendText(...lines: readonly string[]): string {
	const backends = 'backend app\n server s 127.0.0.1:80\nbackend api\n server s 127.0.0.1:81';
	return `${DEFAULTS}\n${section('frontend web', ['bind 127.0.0.1:8080', ...lines, 'default_backend app'])}\n${backends}\n`;
}

/** The given lines begin at line 9, column 2. */
export function backendText(...lines: readonly string[]): string {
	return `${DEFAULTS}\nfrontend web\n bind 127.0.0.1:8080\n${section('backend web', lines)}\n`;
}

/** The given lines begin at line 2, column 2. */
function globalText(...lines: readonly string[]): string {
	return `${section('global', lines)}\n`;
}

/** The given lines begin at line 6, column 2, behind two nodes, an address and a key. */
export function pairText(...lines: readonly string[]): string {
	const basis = [
		'node lb1 10.0.0.11 priority 150',
		'node lb2 10.0.0.12',
		'virtual-ip 10.0.0.100/24 dev eth0',
		'secret file /etc/hapair/pair.key',
	];
	return `${section('pair oslo', [...basis, ...lines])}\n`;
}

export function frontendOf(lines: readonly string[], choices?: ParseChoices): Frontend {
	return only(configurationOf(frontendText(...lines), choices).frontends);
}

export function backendOf(lines: readonly string[], choices?: ParseChoices): Backend {
	return only(configurationOf(backendText(...lines), choices).backends);
}

export function globalOf(...lines: readonly string[]): GlobalSettings {
	return configurationOf(globalText(...lines)).global;
}

export function pairOf(...lines: readonly string[]): Pair {
	const {pair} = configurationOf(pairText(...lines));
	if (pair === undefined) throw new Error('there is no pair');
	return pair;
}

export const frontendRemarks = (...lines: readonly string[]) => remarks(frontendText(...lines));
export const backendRemarks = (...lines: readonly string[]) => remarks(backendText(...lines));
export const globalRemarks = (...lines: readonly string[]) => remarks(globalText(...lines));
export const pairRemarks = (...lines: readonly string[]) => remarks(pairText(...lines));
