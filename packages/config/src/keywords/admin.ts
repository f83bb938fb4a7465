/**
 * `admin`: where the daemon answers operators, the dashboard and Prometheus over HTTP.
 *
 * Decides the words of the line, and warns where the token would travel unencrypted. Leaves the token's file to the daemon.
 */
import {addressFamily, isHostName, isLoopback, isUnicast} from '../addresses.ts';
import {ADMIN_PORT} from '../defaults.ts';
import type {PairDraft} from '../drafts.ts';
import {PAIR, type PairKeyword, type Statement} from '../keyword.ts';
import type {LineCursor} from '../line-cursor.ts';
import type {AdminAddress} from '../model.ts';
import {didYouMean} from '../suggestions.ts';
import {readAbsolutePath} from './pair.ts';

const FORM = 'admin ADDRESS[:PORT] [token file PATH] [host NAME]…, or admin off';
const OPTIONS = ['token', 'host'];

function readAdmin({draft, cursor}: Statement<PairDraft>): void {
	const place = cursor.startPlace();
	if (draft.admin !== undefined) cursor.error(undefined, 'a pair has one admin address, and this is a second', FORM);
	const isOff = cursor.accept('off');
	const listen = isOff ? undefined : readListen(cursor);
	if (!isOff && listen === undefined) {
		draft.admin = {place};
		cursor.rest();
		return;
	}
	const options = listen === undefined ? undefined : readOptions(cursor);
	cursor.finish(FORM);
	draft.admin = {place, ...(listen === undefined || options === undefined ? {} : {address: {...listen, ...options}})};
}

/** ADDRESS or ADDRESS:PORT; an IPv6 address with a port stands in brackets. */
function readListen(cursor: LineCursor): Pick<AdminAddress, 'host' | 'port'> | undefined {
	const word = cursor.require('the address', FORM);
	if (word === undefined) return undefined;
	const parts = /^(?:\[([^\]]*)\]|([^:]*)|([^[]*:[^[]*:[^[]*))(?::(\d{1,5}))?$/.exec(word.text);
	const host = parts?.[1] ?? parts?.[2] ?? parts?.[3] ?? '';
	const port = parts?.[4] === undefined ? ADMIN_PORT : Number(parts[4]);
	if (host !== 'node' && (addressFamily(host) === undefined || !isUnicast(host))) {
		const hint = `127.0.0.1:${ADMIN_PORT} for this machine only, node:${ADMIN_PORT} for each node's own address`;
		cursor.error(word, `the admin address '${word.text}' is not an address of one machine`, hint);
		return undefined;
	}
	if (port < 1 || port > 65_535) {
		cursor.error(word, `${port} is not a port`, FORM);
		return undefined;
	}
	if (host === 'node' || !isLoopback(host)) {
		const message = 'whoever is on the way to the admin address can read the token: it is sent without encryption';
		cursor.reporter.warn(
			cursor.place(word),
			message,
			`a loopback address, reached by ssh -L ${port}:127.0.0.1:${port}`,
		);
	}
	return {host, port};
}

function readOptions(cursor: LineCursor): Pick<AdminAddress, 'tokenFile' | 'hostNames'> | undefined {
	const hostNames: string[] = [];
	let tokenFile: string | undefined;
	for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
		if (word.text === 'host') {
			const name = cursor.require('the name', 'host NAME, as it stands in the address of the page');
			if (name === undefined) return undefined;
			if (!isHostName(name.text)) cursor.error(name, `'${name.text}' is not the name of a host`, 'without a port');
			hostNames.push(name.text.toLowerCase());
		} else if (word.text === 'token') {
			if (!cursor.accept('file')) {
				cursor.error(cursor.peek(), "'token' is followed by 'file'", 'token file PATH: tokens stand in files');
				cursor.rest();
				return undefined;
			}
			tokenFile = readAbsolutePath(cursor, 'the token file');
		} else {
			cursor.error(word, `'${word.text}' is not an option of admin`, didYouMean(word.text, OPTIONS) ?? FORM);
			cursor.rest();
		}
	}
	return {hostNames, ...(tokenFile === undefined ? {} : {tokenFile})};
}

export const adminKeywords: readonly PairKeyword[] = [
	{
		scope: 'pair',
		name: 'admin',
		sections: PAIR,
		syntax: 'admin ADDRESS[:PORT] [token file PATH] [host NAME]… | admin off',
		summary: 'Where the daemon answers operators, the dashboard and Prometheus over HTTP.',
		read: readAdmin,
	},
];
