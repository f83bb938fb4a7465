#!/usr/bin/env node
/**
 * Receives hapair's webhooks, believes only signed ones, prints one line for each event. An example: adapt it.
 *
 * Usage: webhook-receiver.mjs KEYFILE [PORT [ADDRESS]]. KEYFILE is the file that the hook line names after `secret file`:
 *
 *     on change webhook http://10.0.0.50:9000/hapair secret file /etc/hapair/webhook.key
 *
 * Decides what a receiver must decide: is the signature right, was this event seen before (a delivery may be repeated),
 * is its term at least the highest seen (a late message of an old master must not undo a newer one).
 */
import {createHmac, timingSafeEqual} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

const longestBodyBytes = 65_536;
/** Event ids that are remembered; the sender repeats within minutes. */
const mostEventIds = 1000;

const [keyFile, port = '9000', address = '127.0.0.1'] = process.argv.slice(2);
if (keyFile === undefined) {
	process.stderr.write('usage: webhook-receiver.mjs KEYFILE [PORT [ADDRESS]]\n');
	process.exit(2);
}

// White space around the secret is not part of it.
const secret = readFileSync(keyFile, 'latin1').trim();
/** @type {Set<string>} */
const seen = new Set();
/** Highest term by pair. @type {Map<string, number>} */
const terms = new Map();

const server = createServer((request, response) => {
	/** @type {Buffer[]} */
	const chunks = [];
	let length = 0;
	request.on('data', (/** @type {Buffer} */ chunk) => {
		length += chunk.length;
		if (length > longestBodyBytes) request.destroy();
		else chunks.push(chunk);
	});
	request.on('error', () => {});
	request.on('end', () => {
		const status = receive(Buffer.concat(chunks), request.headers);
		response.writeHead(status).end();
	});
});

/**
 * Takes one delivery and says how to answer it: 2xx ends it, 4xx ends it as failed, 5xx asks for another attempt.
 *
 * @param {Buffer} body @param {import('node:http').IncomingHttpHeaders} headers
 */
function receive(body, headers) {
	if (!isGenuine(body, headers['x-hapair-signature'])) return 401;
	const event = JSON.parse(body.toString('utf8'));
	if (seen.has(event.eventId)) return 200;
	seen.add(event.eventId);
	if (seen.size > mostEventIds) seen.delete(seen.values().next().value ?? '');
	const highest = terms.get(event.pair) ?? 0;
	terms.set(event.pair, Math.max(highest, event.term));
	const age = event.term < highest ? 'old ' : '';
	process.stdout.write(
		`${event.time} ${age}${event.event} ${event.pair}/${event.node} term ${event.term}: ${event.reason}\n`,
	);
	return 204;
}

/** Compares in constant time: how long it takes tells nothing of the right answer. @param {Buffer} body @param {unknown} signature */
function isGenuine(body, signature) {
	const expected = Buffer.from(
		`sha256=${createHmac('sha256', Buffer.from(secret, 'latin1')).update(body).digest('hex')}`,
	);
	const given = Buffer.from(typeof signature === 'string' ? signature : '');
	return given.length === expected.length && timingSafeEqual(given, expected);
}

server.listen(Number(port), address, () => {
	const listening = server.address();
	const where = typeof listening === 'object' && listening !== null ? listening.port : port;
	process.stdout.write(`waiting for events on ${address}:${where}\n`);
});
