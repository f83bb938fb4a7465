/**
 * A web server as the article had it: Debian's Apache with prefork and PHP, in a namespace of the lab, with its own database and a fixed share
 * of the processor.
 *
 * Decides Apache's configuration; what it does not set is Apache's default. The pages are in `site/`.
 */
import type {ChildProcess} from 'node:child_process';
import {chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Lab} from '../../test/lab/lab.ts';
import {killAllIn, spawnIn} from '../../test/lab/namespaces.ts';
import {addresses, type WebRole} from '../../test/lab/network.ts';
import {waitFor} from '../../test/lab/wait.ts';
import type {WebPrograms} from './requirements.ts';
import {ServerGroup} from './server-group.ts';

const site = fileURLToPath(new URL('site', import.meta.url));

export class Apache {
	readonly role: WebRole;
	readonly group: ServerGroup;
	readonly #namespace: string;
	readonly #directory: string;
	readonly #programs: WebPrograms;
	#child: ChildProcess | undefined;

	/**
	 * @param shop The database, of which the server gets a copy.
	 * @param cores Share of one processor.
	 */
	constructor(lab: Lab, role: WebRole, {programs, shop, cores}: {programs: WebPrograms; shop: string; cores: number}) {
		this.role = role;
		this.#namespace = lab.network.namespaceOf(role);
		this.#directory = join(lab.directory, role);
		this.#programs = programs;
		mkdirSync(this.#directory);
		cpSync(site, join(this.#directory, 'htdocs'), {recursive: true});
		copyFileSync(shop, this.#databasePath);
		chmodSync(this.#databasePath, 0o644);
		this.group = new ServerGroup(role, cores);
	}

	get address(): string {
		return addresses[this.role];
	}

	get #databasePath(): string {
		return join(this.#directory, 'shop.db');
	}

	/** Resolves when it accepts. @param maxRequestWorkers 1 to 256 (Apache's `ServerLimit`). */
	async start(maxRequestWorkers: number): Promise<void> {
		const file = join(this.#directory, 'apache.conf');
		const pidFile = join(this.#directory, 'apache.pid');
		rmSync(pidFile, {force: true});
		writeFileSync(file, this.#configure(maxRequestWorkers, pidFile));
		// The shell becomes Apache when its pid, with which all is forked, has joined the group.
		const argv = [
			'/bin/sh',
			'-c',
			'read -r _ && exec "$@"',
			'sh',
			this.#programs.apache,
			'-f',
			file,
			'-D',
			'FOREGROUND',
		];
		const child = spawnIn(this.#namespace, argv, {stdio: ['pipe', 'ignore', 'pipe']});
		this.#child = child;
		let words = '';
		child.stderr?.on('data', chunk => {
			words += chunk;
		});
		this.group.join(child.pid ?? 0);
		child.stdin?.end('\n');
		await waitFor(`Apache on ${this.role} to listen`, () => {
			// Written after the socket listens.
			return child.exitCode !== null || readText(pidFile) !== '';
		});
		if (child.exitCode === null) return;
		throw new Error(`Apache ended with ${child.exitCode}: ${words}${readText(join(this.#directory, 'error.log'))}`);
	}

	/** As a power cut, since an Apache with work left would finish it first; resolves when it is gone. */
	async kill(): Promise<void> {
		const child = this.#child;
		if (child === undefined) return;
		this.#child = undefined;
		const gone = new Promise(resolve => child.once('exit', resolve));
		killAllIn(this.#namespace);
		if (child.exitCode === null && child.signalCode === null) await gone;
		await waitFor(`all processes of ${this.role} to be gone`, () => this.group.listPids().length === 0);
	}

	/** The database goes down: pages and the health check answer 500 from now on. */
	loseDatabase(): void {
		renameSync(this.#databasePath, `${this.#databasePath}.lost`);
	}

	restoreDatabase(): void {
		renameSync(`${this.#databasePath}.lost`, this.#databasePath);
	}

	#configure(maxRequestWorkers: number, pidFile: string): string {
		const {modules, php} = this.#programs;
		const directory = this.#directory;
		return `ServerRoot ${directory}
ServerName ${this.role}
DefaultRuntimeDir ${directory}
PidFile ${pidFile}
ErrorLog ${directory}/error.log
Mutex file:${directory} default
Listen ${this.address}:80
LoadModule mpm_prefork_module ${modules}/mod_mpm_prefork.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule dir_module ${modules}/mod_dir.so
LoadModule php_module ${php}
User www-data
Group www-data
StartServers 5
MinSpareServers 5
MaxSpareServers 10
MaxRequestWorkers ${maxRequestWorkers}
DocumentRoot ${directory}/htdocs
DirectoryIndex index.php
<FilesMatch "\\.php$">
	SetHandler application/x-httpd-php
</FilesMatch>
`;
	}
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}
