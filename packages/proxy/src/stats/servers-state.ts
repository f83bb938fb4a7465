/**
 * `show servers state`: version 1 of the table that HAProxy writes, and reads again with `load-server-state-from-file`.
 *
 * Pure. Decides the codes of the columns; what hapair has none of (agents, SRV records, TLS) is 0 or `-`.
 */
import type {Backend, Server} from '@hapair/config';
import type {CheckStatus} from '../health/check-result.ts';
import {readServerFacts, type ServerFacts} from './server-facts.ts';
import {type StatsSource, secondsSince} from './source.ts';

const NAMES =
	'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port';

/** Numbers of check results, as HAProxy 2.6 writes them; 1 is a server that was never checked. */
const STATUS_CODES: Readonly<Record<CheckStatus, number>> = {
	CHECKED: 3,
	HANA: 4,
	SOCKERR: 5,
	L4OK: 6,
	L4TOUT: 7,
	L4CON: 8,
	L6OK: 9,
	L6TOUT: 10,
	L6RSP: 11,
	L7TOUT: 12,
	L7RSP: 13,
	L7OK: 15,
	L7OKC: 16,
	L7STS: 17,
};
const NEVER_CHECKED = 1;

/** `srv_op_state` */
const OperationalState = {stopped: 0, running: 2, stopping: 3} as const;
/** Bits of `srv_admin_state`. */
const AdminBit = {maintenance: 1, byConfiguration: 4, drain: 8} as const;
/** `srv_check_result` */
const CheckOutcome = {unknown: 0, failed: 2, passed: 3, conditionally: 4} as const;
/** Bits of `srv_check_state`: there is a check, and it runs. */
const CheckBit = {configured: 2, enabled: 4, paused: 8, agent: 16} as const;

export function formatServersState(source: StatsSource, backends: readonly Backend[]): string {
	let text = `1\n# ${NAMES}\n`;
	for (const backend of backends) {
		for (const server of backend.servers) text += `${serverLine(source, backend, server)}\n`;
	}
	return text;
}

function serverLine(source: StatsSource, backend: Backend, server: Server): string {
	const facts = readServerFacts(source.table, server);
	const {check, agent} = server;
	return [
		backend.id,
		backend.name,
		server.id,
		server.name,
		facts.host,
		operationalState(facts),
		adminState(server, facts),
		facts.weight,
		server.weight,
		secondsSince(source, facts.changedMs),
		facts.checkStatus === undefined ? NEVER_CHECKED : STATUS_CODES[facts.checkStatus],
		checkOutcome(facts),
		facts.admin === 'maint' ? 0 : check === undefined ? 2 : facts.checkHealth,
		checkState(server, facts),
		agent === undefined ? 0 : CheckBit.agent + CheckBit.configured + (facts.isAgentOff ? 0 : CheckBit.enabled),
		Number(backend.isIdGiven === true),
		Number(server.isIdGiven === true),
		'-',
		facts.port,
		'-',
		0,
		check?.port ?? 0,
		check?.address ?? '-',
		agent?.address ?? '-',
		agent?.port ?? check?.port ?? 0,
	].join(' ');
}

/** A server that is disabled where it is declared counts as paused, checked or not. */
function checkState({check, disabled}: Server, {isUnchecked, admin}: ServerFacts): number {
	if (check === undefined) return disabled ? CheckBit.paused : 0;
	if (isUnchecked) return CheckBit.configured;
	return CheckBit.configured + CheckBit.enabled + (admin === 'maint' ? CheckBit.paused : 0);
}

function operationalState({isOperational, health}: ServerFacts): number {
	if (!isOperational) return OperationalState.stopped;
	return health.nolb ? OperationalState.stopping : OperationalState.running;
}

function adminState(server: Server, {admin}: ServerFacts): number {
	const configured = server.disabled ? AdminBit.byConfiguration : 0;
	if (admin === 'ready') return configured;
	return (admin === 'drain' ? AdminBit.drain : AdminBit.maintenance) + configured;
}

function checkOutcome({checkStatus}: ServerFacts): number {
	if (checkStatus === undefined) return CheckOutcome.unknown;
	if (checkStatus === 'L7OKC') return CheckOutcome.conditionally;
	return /OK$/.test(checkStatus) ? CheckOutcome.passed : CheckOutcome.failed;
}
