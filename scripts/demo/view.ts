/**
 * What the demo shows: the pair, the web servers, the visitors and the commands worth trying, as lines of text.
 *
 * Pure. Decides words and layout, and what counts as a change. Leaves drawing to `pair.ts`.
 */
import type {NodeRole, WebRole} from '../../test/lab/network.ts';
import type {LabStatus} from '../../test/lab/status.ts';

export interface DemoState {
	readonly siteUrl: string;
	/** Of lb1 and of lb2. */
	readonly adminUrls: readonly [string, string];
	readonly token: string;
	/** What each node says of itself; absent when nobody answers there. */
	readonly nodes: Readonly<Record<NodeRole, LabStatus | undefined>>;
	readonly webPids: Readonly<Record<WebRole, number | undefined>>;
	readonly socketPaths: Readonly<Record<NodeRole, string>>;
	readonly visits: VisitSummary;
}

export interface VisitSummary {
	readonly total: number;
	readonly failed: number;
	/** Longest time between two served visits of the last minute. */
	readonly longestGapMs: number;
	readonly lastWeb: string | undefined;
	readonly lastNode: string | undefined;
}

const nodeRoles = ['lb1', 'lb2'] as const;
const webRoles = ['web1', 'web2', 'web3'] as const;

/** The node that holds the address, as the nodes themselves say. */
export function findMaster(state: Pick<DemoState, 'nodes'>): NodeRole | undefined {
	return nodeRoles.find(role => state.nodes[role]?.self.holdsAddress === true);
}

/** The whole screen. */
export function renderScreen(state: DemoState): string[] {
	return [
		`hapair demo: two nodes, one address, three web servers.   Open ${state.siteUrl}`,
		`Dashboard: ${renderDashboards(state)}`,
		'',
		...nodeRoles.map(role => `  ${renderNode(role, state.nodes[role])}`),
		...webRoles.map(role => `  ${renderWeb(role, state)}`),
		`  ${renderVisits(state.visits)}`,
		'',
		'Try, from another terminal in this directory:',
		...renderCommands(state).map(line => `  ${line}`),
		'Ctrl-C ends the demo and removes everything.',
	];
}

/** Where both nodes are looked at, and what to log in with. */
export function renderDashboards({adminUrls: [lb1, lb2], token}: DemoState): string {
	return `${lb1} (lb1), ${lb2} (lb2), token ${token}`;
}

/** One line that says everything that can change by an event; equal lines mean that nothing happened. */
export function renderChange(state: DemoState): string {
	const nodes = nodeRoles.map(role => {
		const status = state.nodes[role];
		if (status === undefined) return `${role} off`;
		return `${role} ${status.self.state}${status.self.holdsAddress ? ' (address)' : ''}`;
	});
	return [...nodes, ...webRoles.map(role => `${role} ${serverStatus(role, state)}`)].join('  ');
}

/** The commands worth trying, how to learn what they did and how to undo them. */
export function renderCommands(state: DemoState): string[] {
	const master = findMaster(state) ?? 'lb1';
	const web = webRoles.find(role => state.webPids[role] !== undefined);
	const off = [
		...nodeRoles.filter(role => state.nodes[role] === undefined),
		...webRoles.filter(role => state.webPids[role] === undefined),
	];
	const rows: [string, string][] = [
		['kill a web server', web === undefined ? '(all are dead)' : `kill -9 ${state.webPids[web]}`],
		['kill the master', 'npm start -- kill master'],
		['planned failover', `npm run hapair -- failover --socket ${state.socketPaths[master]}`],
		['what happened', `npm run hapair -- why --state-dir ${state.socketPaths[master]}.state`],
		['bring it back', off.length === 0 ? 'npm start -- start web1' : `npm start -- start ${off.join(' ')}`],
	];
	return rows.map(([what, command]) => `${what.padEnd(18)} ${command}`);
}

function renderNode(role: NodeRole, status: LabStatus | undefined): string {
	if (status === undefined) return `${role.padEnd(5)} no answer`;
	const {self, lease, proxyPhase} = status;
	const holds = self.holdsAddress ? 'holds 10.0.0.100' : '';
	const words = [self.state.padEnd(10), holds.padEnd(16), `term ${self.term}`, `lease ${lease}`, `proxy ${proxyPhase}`];
	return `${role.padEnd(5)} ${words.join('  ')}  pid ${status.pid}`;
}

function renderWeb(role: WebRole, state: DemoState): string {
	const pid = state.webPids[role];
	return `${role.padEnd(5)} ${serverStatus(role, state).padEnd(10)}  ${pid === undefined ? 'dead' : `pid ${pid}`}`;
}

function serverStatus(role: WebRole, state: DemoState): string {
	const seen = state.nodes[findMaster(state) ?? 'lb1'] ?? state.nodes.lb2;
	return seen?.servers.find(({name}) => name === role)?.status ?? 'unknown';
}

function renderVisits({total, failed, longestGapMs, lastWeb, lastNode}: VisitSummary): string {
	const last = lastWeb === undefined ? '' : `, last by ${lastWeb} through ${lastNode}`;
	return `visits ${total}, failed ${failed}${last}; longest pause of the last minute ${longestGapMs} ms`;
}
