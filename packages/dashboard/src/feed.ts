/**
 * The WebSocket: opened, and opened again when it breaks or falls silent.
 *
 * Decides pauses (doubling to 5 s, a part of it random) and when a silent feed counts as broken: the daemon says something each second.
 */
import {isLoggedIn} from './api.ts';
import type {FeedMessage} from './messages.ts';

export type FeedCondition = 'connecting' | 'live' | 'broken' | 'locked';

export interface FeedListener {
	readonly onMessage: (message: FeedMessage) => void;
	readonly onCondition: (condition: FeedCondition) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
const SILENCE_MS = 4000;

/** Ends with `locked` when there is no session; call it again after a login. The answer stops it. */
export function openFeed({onMessage, onCondition}: FeedListener): () => void {
	let socket: WebSocket | undefined;
	let pauseMs = FIRST_PAUSE_MS;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let isStopped = false;

	const guard = (): void => {
		clearTimeout(timer);
		timer = setTimeout(() => socket?.close(), SILENCE_MS);
	};
	const retry = async (): Promise<void> => {
		clearTimeout(timer);
		if (isStopped) return;
		if ((await isLoggedIn()) === false) {
			if (!isStopped) onCondition('locked');
			return;
		}
		if (isStopped) return;
		onCondition('broken');
		timer = setTimeout(connect, pauseMs * (0.5 + Math.random() / 2));
		pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
	};
	const connect = (): void => {
		if (isStopped) return;
		const {protocol, host} = location;
		socket = new WebSocket(`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/feed`);
		socket.onmessage = ({data}) => {
			pauseMs = FIRST_PAUSE_MS;
			onCondition('live');
			onMessage(JSON.parse(String(data)) as FeedMessage);
			guard();
		};
		socket.onclose = () => void retry();
		guard();
	};

	const begin = async (): Promise<void> => {
		onCondition('connecting');
		// Asking first keeps a refused WebSocket, which browsers note as an error, out of the console.
		if ((await isLoggedIn()) !== false) connect();
		else if (!isStopped) onCondition('locked');
	};
	void begin();
	return () => {
		isStopped = true;
		clearTimeout(timer);
		socket?.close();
	};
}
