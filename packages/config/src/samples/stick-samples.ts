/**
 * Fetches and converters that look into stick tables, as lines of their tables.
 *
 * Decides names and arguments only. `sc0_…` is `sc_…(0)`; `src_…` looks the client's address up in the section's table or the one that is
 * named. HAProxy manual, `sc_http_req_rate` and its kin, `table_http_req_rate`, `in_table`.
 */

/** What is asked of an entry, and the column that answers. `get_`, `inc_` and `clr_` are about general purpose counters. */
const STICK_QUESTIONS =
	'conn_cnt conn_cur conn_rate sess_cnt sess_rate http_req_cnt http_req_rate http_err_cnt http_err_rate http_fail_cnt http_fail_rate kbytes_in bytes_in_rate kbytes_out bytes_out_rate get_gpt0 get_gpc0 gpc0_rate get_gpc1 gpc1_rate inc_gpc0 clr_gpc0 inc_gpc1 clr_gpc1'.split(
		' ',
	);

const TABLE_QUESTIONS =
	'conn_cnt conn_cur conn_rate sess_cnt sess_rate http_req_cnt http_req_rate http_err_cnt http_err_rate http_fail_cnt http_fail_rate kbytes_in bytes_in_rate kbytes_out bytes_out_rate gpt0 gpc0 gpc0_rate gpc1 gpc1_rate server_id trackers'.split(
		' ',
	);

const lines: string[] = ['table_cnt : int table?', 'table_avl : int table?', 'src_updt_conn_cnt : int table?'];
for (const question of [...STICK_QUESTIONS, 'trackers']) {
	lines.push(`sc_${question} : int counter table?`);
	for (const counter of [0, 1, 2]) lines.push(`sc${counter}_${question} : int table?`);
	if (question !== 'trackers') lines.push(`src_${question} : int table?`);
}
lines.push('sc_tracked : bool counter table?');
for (const counter of [0, 1, 2]) lines.push(`sc${counter}_tracked : bool table?`);

/** About an element of an array: its number stands first. */
const ELEMENT_QUESTIONS = ['get_gpc', 'inc_gpc', 'clr_gpc', 'gpc_rate', 'get_gpt'];
for (const question of ELEMENT_QUESTIONS) {
	lines.push(`sc_${question} : int element counter table?`, `src_${question} : int element table?`);
	for (const counter of [0, 1, 2]) lines.push(`sc${counter}_${question} : int element table?`);
}

export const STICK_FETCHES: string = lines.join('\n');

export const STICK_CONVERTERS: string = [
	'in_table : bool table',
	'table_gpc table_gpc_rate table_gpt : int element table',
	`${TABLE_QUESTIONS.map(question => `table_${question}`).join(' ')} : int table`,
].join('\n');
