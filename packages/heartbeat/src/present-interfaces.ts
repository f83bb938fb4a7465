/**
 * The machine's interfaces and their addresses, asked for once in a turn of the event loop.
 *
 * Several looks of one second need them, and each question is a walk over all interfaces and addresses.
 */
import {type NetworkInterfaceInfo, networkInterfaces} from 'node:os';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

let known: Interfaces | undefined;
const forget = () => {
	known = undefined;
};

export function presentInterfaces(): Interfaces {
	if (known === undefined) {
		known = networkInterfaces();
		setImmediate(forget);
	}
	return known;
}
