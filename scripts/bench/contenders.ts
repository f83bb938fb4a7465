/**
 * The proxies that are measured, with configurations that ask the same of each.
 *
 * Decides what they do: the article's cookie, `option forwardfor`, health checks, one thread; in some cases one log line a request to a
 * UDP sink, or 200 ACLs and 50 `use_backend` rules that a request passes without a match.
 * haproxy and hapair read the same file, in the spelling of today that haproxy 2.1 and later insist on. nginx has neither
 * persistence nor active checks in Debian's package; it sets the cookie by a map, which is the nearest it can do.
 */
import type {ChildProcess} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {request} from 'node:http';
import {join} from 'node:path';
import {delay, directory, findFreePorts, start} from './processes.ts';
import type {Program} from './tools.ts';

export type ContenderName = 'haproxy' | 'nginx' | 'hapair';

export interface Contender {
	readonly name: ContenderName;
	argv(ports: Ports, features: Features): readonly string[];
}

export interface Ports {
	readonly listen: number;
	readonly backend: number;
	readonly log: number;
}

export interface Features {
	/** A line a request. */
	readonly logs?: boolean;
	/** The rules of `rulesBefore`. */
	readonly rules?: boolean;
}

const RULES = 50;

/** A proxy that serves. */
export interface RunningProxy {
	readonly name: ContenderName;
	readonly pid: number;
	readonly port: number;
	readonly process: ChildProcess;
}

/** The built program: what users start. */
export const hapairMain: string = join(directory, 'hapair', 'main.js');

/** Those that are installed, haproxy first: the others are compared with it. */
export function listContenders(programs: ReadonlyMap<Program, string>): readonly Contender[] {
	const haproxy = programs.get('haproxy');
	const nginx = programs.get('nginx');
	const contenders: Contender[] = [
		{
			name: 'hapair',
			argv: (...order) => [process.execPath, hapairMain, 'proxy', '-db', '-f', writeHaproxyFile(...order)],
		},
	];
	if (nginx)
		contenders.unshift({
			name: 'nginx',
			argv: (ports, features) => nginxArgv(nginx, `proxy-${ports.listen}`, proxyLines(ports, features)),
		});
	if (haproxy)
		contenders.unshift({name: 'haproxy', argv: (...order) => [haproxy, '-db', '-f', writeHaproxyFile(...order)]});
	return contenders;
}

/** Starts it; resolves with its first answer. */
export async function startProxy(
	contender: Contender,
	backend: number,
	log: number,
	features: Features = {logs: true},
): Promise<RunningProxy> {
	const [listen = 0] = await findFreePorts(1);
	const child = start(contender.argv({listen, backend, log}, features));
	await waitUntilServing(child, listen);
	return {name: contender.name, pid: child.pid ?? 0, port: listen, process: child};
}

export function writeHaproxyFile({listen, backend, log}: Ports, {logs, rules}: Features = {logs: true}): string {
	const path = join(directory, `haproxy-${listen}.cfg`);
	const server = (name: string) => `server ${name} 127.0.0.1:${backend} check cookie ${name} inter 2000 rise 2 fall 3`;
	writeFileSync(
		path,
		`global
    ${logs ? `log 127.0.0.1:${log} local0` : ''}
    maxconn 9980
    nbthread 1
defaults
    mode http
    ${logs ? 'log global\n    option httplog\n    option dontlognull' : ''}
    option redispatch
    option forwardfor
    retries 3
    maxconn 9960
    timeout connect 5000
    timeout client 50000
    timeout server 50000
frontend http-in
    bind 127.0.0.1:${listen}
${rules ? rulesBefore() : ''}    default_backend web_servers
backend web_servers
    balance roundrobin
    option httpchk HEAD /health_check.php HTTP/1.0
    cookie SERVERID insert indirect nocache
    ${server('web1')}
    ${server('web2')}
${rules ? backendsOfRules(backend) : ''}`,
	);
	return path;
}

/** As a hosting company's file grows: each site's host, folder, method and clients. */
function rulesBefore(): string {
	const lines: string[] = [];
	for (let i = 0; i < RULES; i++) {
		lines.push(
			`acl host_${i} hdr(host) -i site${i}.example.com www.site${i}.example.com`,
			`acl folder_${i} path_beg -i /site${i}/ /shop${i}/`,
			`acl page_${i} path_reg ^/page${i}/[0-9]+$`,
			`acl office_${i} src 10.${i}.0.0/16`,
			`use_backend site_${i} if host_${i} or folder_${i} or page_${i} office_${i}`,
		);
	}
	return lines.map(line => `    ${line}\n`).join('');
}

function backendsOfRules(port: number): string {
	return Array.from({length: RULES}, (_, i) => `backend site_${i}\n    server web 127.0.0.1:${port}\n`).join('');
}

function proxyLines({listen, backend, log}: Ports, {logs}: Features): string {
	return `access_log ${logs ? `syslog:server=127.0.0.1:${log},nohostname combined` : 'off'};
    client_max_body_size 0;
    client_body_buffer_size 64k;
    map $cookie_SERVERID $new_cookie { web1 ""; web2 ""; default "SERVERID=web1; path=/"; }
    upstream web { server 127.0.0.1:${backend}; keepalive 128; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:${listen} backlog=4096;
        keepalive_requests 1000000000;
        location / {
            proxy_pass http://web;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_max_temp_file_size 0;
            proxy_request_buffering off;
            add_header Set-Cookie $new_cookie;
        }
    }`;
}

/** One nginx process in the foreground whose http section is `lines`. */
export function nginxArgv(nginx: string, name: string, lines: string): readonly string[] {
	const prefix = join(directory, name);
	mkdirSync(join(prefix, 'logs'), {recursive: true});
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
		kind => `${kind}_temp_path ${prefix}/${kind};`,
	);
	writeFileSync(
		join(prefix, 'nginx.conf'),
		`${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
master_process off;
pid ${prefix}/pid;
error_log stderr crit;
events { worker_connections 16384; }
http {
    ${lines.startsWith('access_log') ? '' : 'access_log off;'}
    ${temporary.join('\n    ')}
    ${lines}
}
`,
	);
	return [nginx, '-p', prefix, '-c', join(prefix, 'nginx.conf'), '-e', 'stderr'];
}

/** Resolves with the first answer 200 at `port`; rejects when the process ends or nothing comes in ten seconds. */
export async function waitUntilServing(child: ChildProcess, port: number, path = '/small', stepMs = 20): Promise<void> {
	let messages = '';
	const keep = (chunk: Buffer) => {
		messages = (messages + chunk.toString()).slice(-2000);
	};
	child.stderr?.on('data', keep);
	child.stdout?.on('data', keep);
	const deadline = performance.now() + 10_000;
	while (performance.now() < deadline) {
		if (await answers(port, path)) return;
		if (child.exitCode !== null || child.signalCode !== null)
			throw new Error(`${child.spawnargs.join(' ')}: ${messages}`);
		await delay(stepMs);
	}
	throw new Error(`${child.spawnargs.join(' ')} did not serve within 10 s: ${messages}`);
}

function answers(port: number, path: string): Promise<boolean> {
	return new Promise(resolve => {
		const sent = request({port, host: '127.0.0.1', path, agent: false}, response => {
			response.resume();
			response.once('close', () => resolve(response.statusCode === 200));
		});
		sent.setTimeout(1000, () => sent.destroy());
		sent.once('error', () => resolve(false));
		sent.end();
	});
}
