/**
 * The lines of `show info` with what programs are told of each, in HAProxy's order.
 *
 * Pure. Decides names, tags, types and meanings. Leaves the values to `info.ts`; the two of zlib have none.
 */
import {readColumns} from './columns.ts';

export const INFO_COLUMNS = readColumns(`
	Name POS str Name of the product
	Version POS str Version of the product
	Release_date POS str Date of this version
	Nbthread CGS u32 Worker threads
	Nbproc CGS u32 Processes, always 1
	Process_num KGP u32 Number of the process, always 1
	Pid SGP u32 Process id
	Uptime MDP str Time since the start
	Uptime_sec MDP u32 Time since the start, seconds
	Memmax_MB CLP u32 Limit of memory, 0 for none
	PoolAlloc_MB MGP u32 Memory of the process, MiB
	PoolUsed_MB MGP u32 Memory in use on the main thread's heap, MiB
	PoolFailed MCP u32 Requests for memory that failed
	Ulimit-n CLP u32 Open files that the system allows
	Maxsock CLP u32 Sockets that the system allows
	Maxconn CLP u32 Limit of client connections
	Hard_maxconn CLP u32 The limit as configured
	CurrConns MGP u32 Client connections now
	CumConns MCP u32 Client connections so far
	CumReq MCP u32 Requests so far
	MaxSslConns MMP u32 Limit of TLS connections
	CurrSslConns MGP u32 TLS connections now
	CumSslConns MCP u32 TLS connections so far
	Maxpipes CLP u32 Limit of pipes
	PipesUsed MGP u32 Pipes in use
	PipesFree MGP u32 Pipes kept
	ConnRate MRP u32 Client connections in the last second
	ConnRateLimit CLP u32 Limit of client connections a second
	MaxConnRate MMP u32 Most client connections in a second
	SessRate MRP u32 Sessions in the last second
	SessRateLimit CLP u32 Limit of sessions a second
	MaxSessRate MRP u32 Most sessions in a second
	SslRate MRP u32 TLS connections in the last second
	SslRateLimit CLP u32 Limit of TLS connections a second
	MaxSslRate MMP u32 Most TLS connections in a second
	SslFrontendKeyRate MGP u32 New TLS keys for clients in the last second
	SslFrontendMaxKeyRate MMP u32 Most new TLS keys for clients in a second
	SslFrontendSessionReuse_pct MGP u32 Percent of TLS sessions of clients used again
	SslBackendKeyRate MRP u32 New TLS keys for servers in the last second
	SslBackendMaxKeyRate MMP u32 Most new TLS keys for servers in a second
	SslCacheLookups MCP u32 TLS sessions looked for
	SslCacheMisses MCP u32 TLS sessions not found
	CompressBpsIn MRP u32 Bytes given to compression in the last second
	CompressBpsOut MRP u32 Bytes made by compression in the last second
	CompressBpsRateLim CLP u32 Limit of compressed bytes a second
	ZlibMemUsage MGP u32 Memory of zlib
	MaxZlibMemUsage CLP u32 Limit of the memory of zlib
	Tasks MGP u32 Transactions in work
	Run_queue MGP u32 Tasks that are about to run
	Idle_pct MaP u32 Percent of the last second that the threads have slept
	node COS str Name of this node
	description COS str Description of this node
	Stopping MGP u32 1 when no new connections are accepted
	Jobs MGP u32 Client connections and listening sockets
	Unstoppable~Jobs MGP u32 Those that a stop does not wait for
	Listeners MGP u32 Listening sockets
	ActivePeers MGP u32 Peers that talk
	ConnectedPeers MGP u32 Peers that are connected
	DroppedLogs MGP u32 Log lines that were not sent
	BusyPolling MGP u32 1 when threads never sleep
	FailedResolutions MGP u32 Names that could not be resolved
	TotalBytesOut MGP u64 Bytes sent to clients
	TotalSplicdedBytesOut MGP u64 Bytes sent through pipes
	BytesOutRate MRP u64 Bytes sent in the last second
	DebugCommandsIssued MGP u32 Debug commands given
	CumRecvLogs MCP u32 Log lines received
	Build~info POS str Version of the product
	Memmax_bytes CLP u32 Limit of memory, 0 for none
	PoolAlloc_bytes MGP u64 Memory of the process, bytes
	PoolUsed_bytes MGP u64 Memory in use on the main thread's heap, bytes
	Start_time_sec MDP u32 When the process started, seconds since 1970
	Tainted SGP str What the process was made to do at the user's risk
`);
