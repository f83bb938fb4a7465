/**
 * States of servers that `show servers state` has written, taken over at the start (HAProxy manual, `load-server-state-from-file`).
 *
 * Decides what is believed: orders, weights, the port, and whether checks had found the server down. An address that the configuration
 * gives as a number stays; so does a weight whose configured value has changed. What is not understood changes nothing.
 */
import {readFileSync} from 'node:fs';
import type {Configuration} from '@hapair/config';
import type {ServerStates, TrackedServer} from './server-states.ts';

/** Columns of version 1, by name. */
export interface SavedState {
	readonly [column: string]: string;
}

const VERSION = '1';

/** The rows of such a file; none when it is of another version. */
export function readSavedStates(text: string): readonly SavedState[] {
	const lines = text.split(/\r?\n/).filter(line => line !== '');
	const header = lines.find(line => line.startsWith('# '));
	if (lines[0]?.trim() !== VERSION || header === undefined) return [];
	const names = header.slice(2).split(' ');
	return lines
		.slice(1)
		.filter(line => !line.startsWith('#'))
		.map(line => Object.fromEntries(line.split(' ').map((cell, place) => [names[place] ?? '', cell])));
}

/** Says what could not be read, a sentence each. */
export function loadSavedStates({backends}: Configuration, states: ServerStates): readonly string[] {
	const problems: string[] = [];
	const files = new Map<string, readonly SavedState[]>();
	for (const {name, stateFile} of backends) {
		if (stateFile === undefined) continue;
		try {
			if (!files.has(stateFile)) files.set(stateFile, readSavedStates(readFileSync(stateFile, 'latin1')));
		} catch (error) {
			problems.push(`The server states of ${stateFile} were not read: ${(error as Error).message}`);
			files.set(stateFile, []);
		}
		for (const row of files.get(stateFile)!) {
			const tracked = row.be_name === name ? states.find(name, row.srv_name ?? '') : undefined;
			if (tracked !== undefined) takeOver(states, tracked, row);
		}
	}
	return problems;
}

const AdminBit = {maintenance: 1, drain: 8} as const;

function takeOver(states: ServerStates, tracked: TrackedServer, row: SavedState): void {
	const {server} = tracked;
	const number = (column: string) => (/^\d{1,10}$/.test(row[column] ?? '') ? Number(row[column]) : undefined);
	const [admin, weight, port, operational] = ['srv_admin_state', 'srv_uweight', 'srv_port', 'srv_op_state'].map(number);
	if (weight !== undefined && weight <= 256 && number('srv_iweight') === server.weight)
		states.setWeight(tracked, weight);
	if (server.address.kind === 'ip' && port !== undefined && port > 0 && port < 65_536 && port !== server.address.port) {
		states.setAddress(tracked, server.address.host, port);
	}
	if (admin !== undefined) {
		const isMaintenance = (admin & AdminBit.maintenance) !== 0;
		states.setAdmin(tracked, isMaintenance ? 'maint' : (admin & AdminBit.drain) !== 0 ? 'drain' : 'ready');
		if (operational === 0 && !isMaintenance && server.check !== undefined) states.setHealth(tracked, 'down');
	}
	const since = number('srv_time_since_last_change');
	if (since !== undefined) states.backdate(tracked, since * 1000);
}
