/**
 * The columns of the statistics, in the order in which programs count them (HAProxy manual, "CSV format").
 *
 * Pure. The first 51 are those of 1.4, the others of 2.6 up to `uweight`; what comes behind belongs to modules that there are none of.
 */

const NAMES = `pxname svname qcur qmax scur smax slim stot bin bout dreq dresp ereq econ eresp wretr wredis status weight act bck
	chkfail chkdown lastchg downtime qlimit pid iid sid throttle lbtot tracked type rate rate_lim rate_max check_status
	check_code check_duration hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other hanafail req_rate req_rate_max
	req_tot cli_abrt srv_abrt comp_in comp_out comp_byp comp_rsp lastsess last_chk last_agt qtime ctime rtime ttime
	agent_status agent_code agent_duration check_desc agent_desc check_rise check_fall check_health agent_rise agent_fall
	agent_health addr cookie mode algo conn_rate conn_rate_max conn_tot intercepted dcon dses wrew connect reuse
	cache_lookups cache_hits srv_icur src_ilim qtime_max ctime_max rtime_max ttime_max eint idle_conn_cur safe_conn_cur
	used_conn_cur need_conn_est uweight`;

/** All names, by column. */
export const FIELDS: readonly string[] = NAMES.split(/\s+/);

/** `type` of a row; the bits of `show stat`'s filter are `1 << type`. */
export const RowType = {frontend: 0, backend: 1, server: 2} as const;
export type RowTypeValue = (typeof RowType)[keyof typeof RowType];

/** What is known of one frontend, backend or server; an absent field is an empty cell. */
export interface Row {
	readonly type: RowTypeValue;
	/** Number of the proxy. */
	readonly iid: number;
	/** Number of the server, 0 for none. */
	readonly sid: number;
	readonly proxy: string;
	readonly name: string;
	readonly values: Readonly<Record<string, string | number | undefined>>;
}

/** One cell. */
export function cell(row: Row, field: string): string {
	if (field === 'pxname') return row.proxy;
	if (field === 'svname') return row.name;
	const value = row.values[field];
	return value === undefined ? '' : String(value);
}
