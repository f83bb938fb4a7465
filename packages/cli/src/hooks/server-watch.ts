/**
 * What happened to servers and backends, from one snapshot of the proxy to the next. Pure.
 *
 * Decides that only DOWN and its end are news: a server that an operator took out (MAINT, DRAIN) or that asked to be left alone (NOLB) is
 * none. A new proxy process calls every server UP before it has looked; that is not believed of one that was DOWN.
 */
import type {BackendSnapshot, ProxySnapshot, ServerSnapshot} from '@hapair/proxy';

export interface ServerNews {
	readonly event: 'server-down' | 'server-up' | 'backend-down' | 'backend-up';
	/** `BACKEND/SERVER`, or the backend. */
	readonly about: string;
	readonly reason: string;
}

/** A server without checks of its own says nothing after a restart; then its word is taken after all. */
const DOUBT_MS = 30_000;

export class ServerWatch {
	/** By `BACKEND/SERVER` and by backend: false is down and was told. */
	readonly #isUp = new Map<string, boolean>();
	#startedMs: number | undefined;

	/** The proxy process has ended: the next snapshot is that of a new one. */
	noteRestart(): void {
		this.#startedMs = undefined;
	}

	see(snapshot: ProxySnapshot, nowMs: number): ServerNews[] {
		this.#startedMs ??= nowMs;
		const isNew = nowMs < this.#startedMs + DOUBT_MS;
		const news: ServerNews[] = [];
		for (const backend of snapshot.backends) {
			for (const server of backend.servers) this.#seeServer(backend, server, isNew, news);
			if (backend.servers.length > 0) this.#seeBackend(backend, isNew, news);
		}
		return news;
	}

	#seeServer(backend: BackendSnapshot, server: ServerSnapshot, isNew: boolean, news: ServerNews[]): void {
		const about = `${backend.name}/${server.name}`;
		const isUp = judge(server);
		if (isUp === undefined || (isUp && this.#isDoubtful(about, server, isNew))) return;
		if (!this.#turns(about, isUp)) return;
		const check = server.lastCheck === undefined ? server.status : `${server.status}, last check ${server.lastCheck}`;
		const left = `${backend.up} of ${backend.servers.length} servers are up`;
		news.push({event: isUp ? 'server-up' : 'server-down', about, reason: `${server.address} is ${check}; ${left}`});
	}

	#seeBackend(backend: BackendSnapshot, isNew: boolean, news: ServerNews[]): void {
		const {name, servers} = backend;
		const isUp = backend.up > 0;
		const isDoubtful = (server: ServerSnapshot): boolean =>
			judge(server) !== true || this.#isDoubtful(`${name}/${server.name}`, server, isNew);
		if (isUp && isNew && servers.every(isDoubtful)) return;
		// A slash stands in no name: servers and backends do not meet.
		if (!this.#turns(name, isUp)) return;
		const reason = isUp
			? `${backend.up} of ${servers.length} servers are up`
			: `none of ${servers.length} servers is up: ${servers.map(server => `${server.name} ${server.status}`).join(', ')}`;
		news.push({event: isUp ? 'backend-up' : 'backend-down', about: name, reason: reason.slice(0, MOST_REASON)});
	}

	#isDoubtful(about: string, server: ServerSnapshot, isNew: boolean): boolean {
		return isNew && server.lastCheck === undefined && this.#isUp.get(about) === false;
	}

	/** True when it was otherwise; what is up at first sight is no news. */
	#turns(name: string, isUp: boolean): boolean {
		const before = this.#isUp.get(name) ?? true;
		this.#isUp.set(name, isUp);
		return before !== isUp;
	}
}

/** A backend of a thousand servers needs no reason of a thousand names. */
const MOST_REASON = 500;

function judge({status}: ServerSnapshot): boolean | undefined {
	if (status.startsWith('DOWN')) return false;
	return status.startsWith('UP') || status === 'no check' ? true : undefined;
}
