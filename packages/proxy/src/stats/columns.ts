/**
 * The columns of the statistics with what programs are told of each: origin, nature and scope, type, meaning (HAProxy manual, "CSV
 * format", "Typed output format").
 *
 * Pure. The first 51 columns are those of 1.4. From `ssl_sess` on they belong to modules that there are none of here: always blank.
 */

/** One column: `tags` are three letters for origin, nature and scope. */
export interface Column {
	readonly name: string;
	readonly tags: string;
	readonly type: 'str' | 'u32' | 's32' | 'u64';
	readonly meaning: string;
}

/** A table of lines `NAME TAGS TYPE MEANING…`. */
export function readColumns(text: string): readonly Column[] {
	return text
		.trim()
		.split(/\n\s*/)
		.map(line => {
			const [name = '', tags = '', type = '', ...meaning] = line.split(' ');
			return {name: name.replaceAll('~', ' '), tags, type: type as Column['type'], meaning: meaning.join(' ')};
		});
}

export const COLUMNS: readonly Column[] = readColumns(`
	pxname KNS str Name of the section
	svname KNS str FRONTEND, BACKEND, or the name of a server or socket
	qcur MGP u32 Requests in the queue now
	qmax MMP u32 Most requests in the queue at a time
	scur MGP u32 Sessions now
	smax MMP u32 Most sessions at a time
	slim CLP u32 Limit of sessions: maxconn, or fullconn of a backend
	stot MCP u64 Sessions so far
	bin MCP u64 Bytes of requests
	bout MCP u64 Bytes of responses
	dreq MCP u64 Requests that a rule has denied
	dresp MCP u64 Responses that a rule has denied
	ereq MCP u64 Requests that were invalid
	econ MCP u64 Connections to servers that failed
	eresp MCP u64 Responses that were invalid
	wretr MCP u64 Connections to servers tried again
	wredis MCP u64 Requests sent to another server after a failure
	status SGP str State
	weight MaP u32 Weight in force, or the sum over active servers
	act SGP u32 Active servers in use
	bck SGP u32 Backup servers in use
	chkfail MCP u64 Checks that failed while the server was up
	chkdown MCP u64 Changes from up to down
	lastchg MAP u32 Seconds since the last change of state
	downtime MCP u32 Seconds down so far
	qlimit CGS u32 Limit of the queue (maxqueue)
	pid KGP u32 Number of the process, always 1
	iid KGS u32 Number of the section
	sid KGS u32 Number of the server or socket
	throttle MaP u32 Percent that slowstart has reached
	lbtot MCP u64 Times that balancing has chosen it
	tracked CNS str The server whose state this one follows
	type CGS u32 0 frontend, 1 backend, 2 server, 3 socket
	rate MRP u32 Sessions in the last second
	rate_lim CLP u32 Limit of new sessions a second
	rate_max MMP u32 Most sessions in a second
	check_status MOP str Result of the last check
	check_code MOP u32 Status or code in the last check
	check_duration MDP u64 Milliseconds that the last check took
	hrsp_1xx MCP u64 Responses with status 1xx
	hrsp_2xx MCP u64 Responses with status 2xx
	hrsp_3xx MCP u64 Responses with status 3xx
	hrsp_4xx MCP u64 Responses with status 4xx
	hrsp_5xx MCP u64 Responses with status 5xx
	hrsp_other MCP u64 Other responses
	hanafail MCP u64 Times that observed traffic has failed too often
	req_rate MRP u32 Requests in the last second
	req_rate_max MMP u32 Most requests in a second
	req_tot MCP u64 Requests so far
	cli_abrt MCP u64 Transfers that the client has ended early
	srv_abrt MCP u64 Transfers that the server has ended early
	comp_in MCP u64 Bytes given to compression
	comp_out MCP u64 Bytes made by compression
	comp_byp MCP u64 Bytes that went past compression
	comp_rsp MCP u64 Responses that were compressed
	lastsess MAP s32 Seconds since the last session
	last_chk MOP str What the last check has read
	last_agt MOP str What the agent has said last
	qtime MaP u32 Mean time in the queue, milliseconds, over 1024 requests
	ctime MaP u32 Mean time to connect, milliseconds, over 1024 requests
	rtime MaP u32 Mean time to the response, milliseconds, over 1024 requests
	ttime MaP u32 Mean time of the whole, milliseconds, over 1024 requests
	agent_status MOP str Result of the last question to the agent
	agent_code MOP u32 Code in the last answer of the agent
	agent_duration MDP u64 Milliseconds that the agent took
	check_desc MOP str The result of the last check in words
	agent_desc MOP str The result of the last question to the agent in words
	check_rise CGS u32 Checks that bring the server up
	check_fall CGS u32 Failed checks that take the server down
	check_health CGS u32 Place between down (0) and up (rise + fall - 1)
	agent_rise CGS u32 Answers of the agent that bring the server up
	agent_fall CGS u32 Answers of the agent that take the server down
	agent_health CGS u32 The same place as the agent sees it
	addr CGS str Address; for operators, or with show-legends
	cookie CNS str Cookie value of the server, or name of the backend's cookie
	mode CGS str http or tcp
	algo CGS str Balance algorithm; for operators, or with show-legends
	conn_rate MRP u32 Connections in the last second
	conn_rate_max MMP u32 Most connections in a second
	conn_tot MCP u64 Connections so far
	intercepted MCP u64 Requests that the proxy itself has answered
	dcon MCP u64 Connections refused by tcp-request connection
	dses MCP u64 Sessions refused by tcp-request session
	wrew MCP u64 Rewrites that failed
	connect MCP u64 Connections made to servers
	reuse MCP u64 Connections to servers used again
	cache_lookups MCP u64 Requests looked for in a cache
	cache_hits MCP u64 Requests found in a cache
	srv_icur MGP u32 Idle connections to the server
	src_ilim CLP u32 Limit of idle connections (pool-max-conn)
	qtime_max MMP u32 Longest time in the queue, milliseconds
	ctime_max MMP u32 Longest time to connect, milliseconds
	rtime_max MMP u32 Longest time to the response, milliseconds
	ttime_max MMP u32 Longest time of the whole, milliseconds
	eint MCP u64 Internal errors
	idle_conn_cur MGP u32 Idle connections that have answered once
	safe_conn_cur MGP u32 Idle connections that were used again before
	used_conn_cur MGP u32 Connections in use
	need_conn_est MGP u32 Connections that will be needed, estimated
	uweight MaP u32 Weight as ordered, or the sum over active servers
	agg_server_status MGP u32 Of no use in this process
	agg_server_check_status MGP u32 Of no use in this process
	agg_check_status MGP u32 Of no use in this process
	${modules('ssl_sess ssl_reused_sess ssl_failed_handshake', 'TLS')}
	${modules(
		'h2_headers_rcvd h2_data_rcvd h2_settings_rcvd h2_rst_stream_rcvd h2_goaway_rcvd h2_detected_conn_protocol_errors h2_detected_strm_protocol_errors h2_rst_stream_resp h2_goaway_resp h2_open_connections h2_backend_open_streams h2_total_connections h2_backend_total_streams',
		'HTTP/2',
	)}
	${modules(
		'h1_open_connections h1_open_streams h1_total_connections h1_total_streams h1_bytes_in h1_bytes_out h1_spliced_bytes_in h1_spliced_bytes_out',
		'HTTP/1',
	)}`);

function modules(names: string, module: string): string {
	return names
		.split(' ')
		.map(name => `${name} MCP u64 Of the ${module} module, which does not count here`)
		.join('\n');
}
