/**
 * What can be taken from a request, a response or a connection: one row for each fetch of HAProxy that the proxy knows.
 *
 * Decides names, result types and arguments; conditions, `%[…]` and rules all read this table. Leaves the values to the proxy.
 * HAProxy manual, "Using ACLs and fetching samples".
 */

import {STICK_FETCHES} from './stick-samples.ts';

/** What a sample is; `ver` is a protocol version in two numbers (`3.1`). */
export type SampleType = 'str' | 'int' | 'bool' | 'ip' | 'ver';

export type ParameterKind =
	| 'header'
	| 'cookie'
	| 'name'
	| 'text'
	| 'int'
	| 'occurrence'
	| 'backend'
	| 'frontend'
	| 'server'
	| 'userlist'
	| 'variable'
	| 'regex'
	| 'table'
	| 'element'
	| 'counter'
	| 'condition';

export interface Parameter {
	readonly kind: ParameterKind;
	readonly optional: boolean;
}

/** Where there is a value: from the first byte on, with a request, with a response, or only in inspected TCP contents. */
export type Availability = 'connection' | 'request' | 'response' | 'contents';

export interface FetchRow {
	/** The canonical name; aliases share the row. */
	readonly name: string;
	readonly type: SampleType;
	readonly parameters: readonly Parameter[];
	readonly available: Availability;
}

/** `header occurrence?` into parameters. */
export function readParameters(text: string): readonly Parameter[] {
	return text
		.split(' ')
		.filter(word => word !== '')
		.map(word => ({kind: word.replace('?', '') as ParameterKind, optional: word.endsWith('?')}));
}

const table = new Map<string, FetchRow>();

/** One line a fetch: `name alias… : type parameters`. */
function declare(available: Availability, lines: string): void {
	for (const line of lines.trim().split(/\s*\n\s*/)) {
		const [names, description] = line.split(/\s*:\s*/) as [string, string];
		const [type, ...parameters] = description.split(' ');
		const [name, ...aliases] = names.split(' ');
		const row: FetchRow = {
			name: name!,
			type: type as SampleType,
			parameters: readParameters(parameters.join(' ')),
			available,
		};
		for (const alias of [name!, ...aliases]) table.set(alias, row);
	}
}

declare(
	'connection',
	`src : ip
	src_port : int
	dst : ip
	dst_port : int
	dst_conn : int
	fc_src : ip
	fc_dst : ip
	fc_pp_authority : str
	fc_pp_unique_id : str
	so_id : int
	so_name : str
	src_is_local : bool
	dst_is_local : bool
	fe_id : int
	fe_name : str
	fe_conn : int frontend?
	fe_sess_rate : int frontend?
	fe_req_rate : int frontend?
	be_id : int
	be_name : str
	be_conn : int backend?
	be_sess_rate : int backend?
	nbsrv : int backend?
	queue : int backend?
	avg_queue : int backend?
	connslots : int backend?
	be_server_timeout : int
	be_tunnel_timeout : int
	cur_server_timeout : int
	cur_tunnel_timeout : int
	fe_client_timeout : int
	srv_is_up : bool server
	srv_conn : int server
	srv_sess_rate : int server
	srv_queue : int server
	srv_weight : int server
	srv_iweight : int server
	srv_uweight : int server
	date : int text? text?
	rand : int text?
	hostname : str
	uuid : str text?
	nbproc : int
	proc : int
	thread : int
	stopping : bool
	act_conn : int
	ipv4 : ip text
	ipv6 : ip text
	bin : str text
	always_true : bool
	always_false : bool
	str : str text?
	int : int int
	bool : bool text
	ssl_fc : bool
	env : str name
	var : str variable text?`,
);
declare(
	'request',
	`method meth : str
	path : str
	pathq : str
	query : str
	url : str
	url_ip : ip
	url_port : int
	url_param urlp : str name? text?
	urlp_val url_param_val : int name? text?
	base : str
	base32 : int
	url32 : int
	capture.req.ver : str
	req.ver req_ver : str
	hdr : str header? occurrence?
	hdr_cnt : int header?
	hdr_val : int header? occurrence?
	hdr_ip : ip header? occurrence?
	req.hdr : str header? occurrence?
	req.hdr_cnt : int header?
	req.hdr_val : int header? occurrence?
	req.hdr_ip : ip header? occurrence?
	req.hdr_names : str text?
	req.fhdr : str header occurrence?
	req.fhdr_cnt : int header?
	req.cook cook : str cookie?
	req.cook_cnt cook_cnt : int cookie?
	req.cook_val cook_val : int cookie?
	req.body : str
	req.body_len : int
	req.body_size : int
	req.body_param : str name?
	http_auth : bool userlist
	http_auth_group : str userlist
	http_auth_user : str
	http_auth_pass : str
	http_auth_type : str
	http_auth_bearer : str header?
	http_first_req : bool
	unique-id : str
	req.proto_http req_proto_http : bool
	capture.req.method : str
	capture.req.uri : str
	capture.req.hdr : str int`,
);
declare(
	'response',
	`status : int
	txn.status : int
	capture.res.ver : str
	res.ver resp_ver : str
	res.hdr shdr : str header? occurrence?
	res.hdr_cnt shdr_cnt : int header?
	res.hdr_val shdr_val : int header? occurrence?
	res.hdr_ip shdr_ip : ip header? occurrence?
	res.hdr_names : str text?
	res.fhdr : str header occurrence?
	res.fhdr_cnt : int header?
	res.cook scook : str cookie?
	res.cook_cnt scook_cnt : int cookie?
	res.cook_val scook_val : int cookie?
	srv_id : int
	srv_name : str
	res.body : str
	res.body_len : int
	res.body_size : int
	res.len : int
	res.payload : str int int
	res.payload_lv : str int int text?
	capture.res.hdr : str int`,
);
declare(
	'contents',
	`req.len req_len : int
	req.payload payload : str int int
	req.payload_lv payload_lv : str int int text?
	wait_end : bool
	req.ssl_ver req_ssl_ver : ver
	req.ssl_hello_type req_ssl_hello_type : int
	req.ssl_sni req_ssl_sni : str
	req.rdp_cookie req_rdp_cookie rdp_cookie : str name?
	req.rdp_cookie_cnt req_rdp_cookie_cnt rdp_cookie_cnt : int name?`,
);

declare('connection', STICK_FETCHES);

/** Rows by name and alias. */
export const FETCHES: ReadonlyMap<string, FetchRow> = table;

/** Fetches of HAProxy that this version does not have; families end in `*`. */
export const LATER_FETCHES =
	/^(be_.*|dst_.*|fe_.*|so_.*|src_.*|srv_.*|req\..*|res.*|http_.*|url32.*|base32.*|ssl_.*|rand|date|capture\..*|payload.*|sc_.*|sc[0-2]_.*|table_.*|nbproc|ipv4|ipv6|fc_.*|bc_.*|proc|hostname|lua\..*|txn\..*|uuid|unique-id|stopping|meth|bin|last_rule_.*|quic_.*|distcc_.*|internal\..*|thread|act_conn|cpu_.*|pid|nbthread|hdr_.*|body.*)$/;
