/**
 * Which connections to some addresses the kernel still has: it sends on what a proxy has written and closed, and knows those of every
 * process.
 *
 * Decides from `/proc/net/tcp` and `tcp6` what still lives. Who waits for the other side's end alone has delivered all, and does not count.
 * Leaves what follows from it to `keeping.ts`.
 */
import {readFile} from 'node:fs/promises';
import {SocketAddress} from 'node:net';

/** What has something to deliver or may yet get something: `include/net/tcp_states.h`. */
const livingStates: ReadonlySet<string> = new Set(['01', '03', '04', '08', '09', '0B']);

/** How many connections to these addresses live in this network namespace; 0 when the kernel does not say. Never rejects. */
export async function countLiving(addresses: readonly string[]): Promise<number> {
	const tables = await Promise.all(
		['/proc/net/tcp', '/proc/net/tcp6'].map(path => readFile(path, 'latin1').catch(() => '')),
	);
	return tables.reduce((sum, table) => sum + countInTable(table, addresses), 0);
}

/** @param table the text of `/proc/net/tcp` or `tcp6`. @param addresses IPv4 or IPv6. */
export function countInTable(table: string, addresses: readonly string[]): number {
	const wanted = new Set(addresses.flatMap(kernelForms));
	let count = 0;
	for (const line of table.split('\n').slice(1)) {
		const [, local = '', , state = ''] = line.trim().split(/\s+/, 4);
		if (livingStates.has(state) && wanted.has(local.slice(0, local.lastIndexOf(':')))) count += 1;
	}
	return count;
}

/** As the tables have it: words of four bytes in the machine's order, least first. IPv4 is also seen by sockets of IPv6 (RFC 4291 §2.5.5.2). */
function kernelForms(address: string): string[] {
	if (!address.includes(':')) {
		const word = turn(
			address
				.split('.')
				.map(byte => Number(byte).toString(16).padStart(2, '0'))
				.join(''),
		);
		return [word, `0000000000000000FFFF0000${word}`];
	}
	const groups = expand(new SocketAddress({address, family: 'ipv6'}).address);
	return [(groups.join('').match(/.{8}/g) ?? []).map(turn).join('')];
}

function expand(address: string): string[] {
	const [head = '', tail] = address.split('::');
	const left = head === '' ? [] : head.split(':');
	const right = tail === undefined || tail === '' ? [] : tail.split(':');
	const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
	return [...left, ...Array<string>(zeros).fill('0'), ...right].map(group => group.padStart(4, '0'));
}

function turn(word: string): string {
	return (word.match(/../g) ?? []).toReversed().join('').toUpperCase();
}
