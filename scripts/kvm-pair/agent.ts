/**
 * Commands into a guest without network and without login: a line on a virtio-serial port each way.
 *
 * Decides the words of both ends. The host sends `NUMBER SECONDS SCRIPT`, the guest answers `NUMBER STATUS STDOUT STDERR`, the last ones in
 * base64 with a full stop behind, so that an empty one is still a word. Scripts run side by side, as root, under bash, and are killed after their
 * seconds. What they print is kept in the guest's memory first: a background process that keeps its output open holds nothing up.
 */
import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {setTimeout as sleepMs} from 'node:timers/promises';

export const agentPort = 'guest.agent';
/** Of what a script prints. */
const mostBytes = 4 * 1024 * 1024;
/** What an answer may take longer than the script: software emulation is slow, and a paused guest says nothing. */
const wayMs = 15_000;

export const agentProgram = `#!/bin/bash
# Runs what comes on the port, line by line, and answers there.
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd /root
answer() {
	local number=$1 seconds=$2 script=$3 file=/run/guest-agent.$BASHPID out= err= status
	timeout -k 1 "$seconds" /bin/bash -c "$(base64 -d <<<"$script")" </dev/null >$file.out 2>$file.err 3>&- 4>&-
	status=$?
	[ ! -s $file.out ] || out=$(head -c ${mostBytes} $file.out | base64 -w 0)
	[ ! -s $file.err ] || err=$(head -c ${mostBytes} $file.err | base64 -w 0)
	rm -f $file.out $file.err
	flock 4
	printf '%s %s %s. %s.\\n' "$number" "$status" "$out" "$err" >&3
}
until [ -c /dev/virtio-ports/${agentPort} ]; do sleep 0.5; done
exec 3<>/dev/virtio-ports/${agentPort}
while :; do
	# A read ends at once while the host is not there.
	while read -r -u 3 number seconds script; do
		# An empty script asks for a sign of life, which has to be cheap.
		[ -n "$script" ] || { echo "$number 0 . ." >&3; continue; }
		answer "$number" "$seconds" "$script" 4>/run/guest-agent.lock &
	done
	sleep 0.2
done
`;

export const agentUnit = `[Unit]
Description=Shell on a virtio-serial port
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/lib/guest-agent
Restart=always
RestartSec=200ms
KillMode=process
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`;

export interface Ran {
	readonly status: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The host's end. */
export class Agent {
	readonly #path: string;
	readonly #waiting = new Map<number, {resolve: (ran: Ran) => void; reject: (error: Error) => void}>();
	#socket: Promise<Socket> | undefined;
	#number = 0;
	#answers = 0;

	/** @param path The socket that qemu listens on; it need not be there yet. */
	constructor(path: string) {
		this.#path = path;
	}

	/** Resolves when the guest has answered anything; rejects after `limitMs`, or when `isOver` says that waiting is in vain. */
	async awaitAnswer(limitMs: number, isOver: () => boolean = () => false): Promise<void> {
		const endMs = performance.now() + limitMs;
		const before = this.#answers;
		while (this.#answers === before) {
			try {
				await this.run('', {limitMs: 1000, wayMs: 1000});
			} catch (error) {
				if (performance.now() > endMs || isOver()) throw error;
				await sleepMs(200);
			}
		}
	}

	/** Runs a script of bash; rejects when the guest does not answer in time. `wayMs` is what the answer may take beyond `limitMs`. */
	async run(script: string, {limitMs = 60_000, wayMs: extraMs = wayMs} = {}): Promise<Ran> {
		this.#socket ??= this.#connect();
		const socket = await this.#socket;
		const number = ++this.#number;
		const seconds = Math.max(1, Math.ceil(limitMs / 1000));
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => end(new Error(`no answer to: ${script.slice(0, 200)}`)), limitMs + extraMs);
			const end = (result: Ran | Error) => {
				clearTimeout(timer);
				this.#waiting.delete(number);
				if (result instanceof Error) reject(result);
				else resolve(result);
			};
			this.#waiting.set(number, {resolve: end, reject: end});
			socket.write(`${number} ${seconds} ${Buffer.from(script).toString('base64')}\n`);
		});
	}

	close(): void {
		this.#socket?.then(socket => socket.destroy()).catch(() => {});
	}

	async #connect(): Promise<Socket> {
		const socket = connect(this.#path);
		try {
			await once(socket, 'connect');
		} catch (error) {
			this.#socket = undefined;
			throw error;
		}
		let text = '';
		socket.setEncoding('latin1');
		socket.on('data', chunk => {
			const lines = (text + chunk).split('\n');
			text = lines.pop() ?? '';
			for (const line of lines) this.#take(line);
		});
		socket.on('error', () => {});
		socket.once('close', () => {
			this.#socket = undefined;
			for (const {reject} of this.#waiting.values()) reject(new Error('the guest is gone'));
		});
		return socket;
	}

	#take(line: string): void {
		this.#answers++;
		const [number, status, stdout = '', stderr = ''] = line.split(' ');
		const decode = (word: string) => Buffer.from(word.replace(/\.$/, ''), 'base64').toString();
		this.#waiting.get(Number(number))?.resolve({
			status: Number(status),
			stdout: decode(stdout),
			stderr: decode(stderr),
		});
	}
}
