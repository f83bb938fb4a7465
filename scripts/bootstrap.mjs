/**
 * Makes a machine ready and runs a script under the pinned Node: the one entry behind `npm start`, `npm test` and the rest.
 *
 * Usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT…]. Decides what is installed: npm packages from the lock file, and
 * system tools from Debian's archive where root may do so. Plain JavaScript without dependencies, because it runs first
 * under whatever Node the machine has (20 or later). Leaves everything else to the script.
 */
import {spawn, spawnSync} from 'node:child_process';
import {accessSync, constants, existsSync, readFileSync, statSync, utimesSync} from 'node:fs';
import {delimiter, dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const systemDirectories = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Debian's package of each tool. The tools of `util-linux` are there on every Debian; a stripped image may lack them. */
const packageOfTool = {
	ip: 'iproute2',
	arping: 'iputils-arping',
	nft: 'nftables',
	setpriv: 'util-linux',
	unshare: 'util-linux',
};

/** Programs that the tests run against hapair, or beside it. Without them those tests only say so, unless root runs them. */
const packageOfTestTool = {
	bird: 'bird2',
	halog: 'haproxy',
	haproxy: 'haproxy',
	chromium: 'chromium',
	hatop: 'hatop',
	'prometheus-haproxy-exporter': 'prometheus-haproxy-exporter',
	promtool: 'prometheus',
	script: 'bsdutils',
	varnishtest: 'varnish',
	zsh: 'zsh',
	fish: 'fish',
};

/** Scripts that need the tools above; the others need npm packages only. */
const scriptsWithTools = new Set([
	'scripts/demo.ts',
	'scripts/test.ts',
	'scripts/bench-failover.ts',
	'scripts/bench-article.ts',
	'scripts/kvm-pair.ts',
]);

/** @param {string} message @returns {never} */
function fail(message) {
	process.stderr.write(`hapair: ${message}\n`);
	process.exit(1);
}

/** @param {string} message */
function say(message) {
	process.stderr.write(`hapair: ${message}\n`);
}

/** @param {string} path */
function modifiedMs(path) {
	return statSync(path, {throwIfNoEntry: false})?.mtimeMs;
}

/** Installs the lock file's packages when none are there or the lock file is newer. */
async function installPackages() {
	const lock = join(root, 'package-lock.json');
	const stamp = join(root, 'node_modules', '.package-lock.json');
	const installedMs = modifiedMs(stamp);
	if (installedMs !== undefined && installedMs >= (modifiedMs(lock) ?? 0) && existsSync(pinnedNode())) return;
	const npm = process.env.npm_execpath;
	const [command, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
	const argv = [...prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
	const code = await runWithProgress('installing npm packages', command, argv);
	if (code !== 0) fail('npm ci failed; its messages are above. A registry or proxy setting of npm may be missing.');
	if (!existsSync(pinnedNode())) {
		fail(`npm installed no Node for ${process.platform}-${process.arch}: run npm without --omit=optional.`);
	}

	const now = new Date();
	utimesSync(stamp, now, now);
}

/**
 * Runs a command quietly; one line tells what goes on and for how long. What it printed appears when it fails.
 *
 * @param {string} what @param {string} command @param {string[]} argv @param {Record<string, string>} env
 * @returns {Promise<number>}
 */
function runWithProgress(what, command, argv, env = {}) {
	const beginMs = Date.now();
	const seconds = () => Math.round((Date.now() - beginMs) / 1000);
	const live = process.stderr.isTTY;
	if (!live) say(`${what} …`);
	const timer = live ? setInterval(() => process.stderr.write(`\rhapair: ${what} … ${seconds()} s`), 200) : undefined;
	return new Promise(done => {
		const child = spawn(command, argv, {cwd: root, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'pipe']});
		let output = '';
		/** @param {string} chunk */
		const keep = chunk => {
			output += chunk;
		};
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		/** @param {number} code @param {string} [because] */
		const end = (code, because = '') => {
			clearInterval(timer);
			process.stderr.write(
				`${live ? '\r' : ''}hapair: ${what}: ${code === 0 ? 'done' : 'failed'} after ${seconds()} s\n`,
			);
			if (code !== 0) process.stderr.write(`${output}${because}\n`);
			done(code);
		};
		child.once('error', error => end(127, error.message));
		child.once('close', code => end(code ?? 1));
	});
}

/** Installs missing system tools where that is allowed, else names the packages. @param {Record<string, string>} packageOf */
async function installTools(packageOf) {
	const missing = Object.entries(packageOf).filter(([tool]) => !hasTool(tool));
	if (missing.length === 0) return;
	const packages = [...new Set(missing.map(([, name]) => name))];
	const names = missing.map(([tool]) => tool).join(', ');
	const advice = `apt-get install -y ${packages.join(' ')}`;
	if (process.getuid?.() !== 0 || !isDebian() || !hasTool('apt-get')) {
		say(`these system tools are missing: ${names}. As root: ${advice} (or your distribution's packages of them).`);
		return;
	}

	// Debian's services of these packages are not wanted: neither init system starts one then.
	const env = {DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', SYSTEMD_OFFLINE: '1'};
	const argv = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60', ...packages];
	const quiet = spawnSync('apt-get', argv, {cwd: root, env: {...process.env, ...env}, stdio: 'ignore'});
	if (quiet.status === 0) {
		say(`installed ${packages.join(', ')}`);
		return;
	}

	// The lists of packages may be absent or old, as in most images.
	await runWithProgress('reading package lists', 'apt-get', ['update'], env);
	const code = await runWithProgress(`installing ${packages.join(', ')}`, 'apt-get', argv, env);
	if (code !== 0) fail(`could not install ${packages.join(', ')}; run: ${advice}`);
}

/** @param {string} tool */
function hasTool(tool) {
	return systemDirectories.some(directory => {
		try {
			accessSync(join(directory, tool), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

function isDebian() {
	try {
		return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
	} catch {
		return false;
	}
}

/** The Node that `package-lock.json` pins, for this processor. */
function pinnedNode() {
	return join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
}

/** The pids of the shell and the npm above this process; npm does not hand on every signal, and SIGKILL to nobody. */
function ancestors() {
	let above = 0;
	try {
		above = Number(
			readFileSync(`/proc/${process.ppid}/stat`, 'latin1')
				.replace(/^.*\) \S /s, '')
				.split(' ')[0],
		);
	} catch {
		// The parent ended just now.
	}

	return `${process.ppid} ${above}`;
}

/** Becomes the script: same terminal, same signals, same exit code. @param {string} script @param {string[]} argv */
function runScript(script, argv) {
	const path = [join(root, 'node_modules', '.bin'), ...(process.env.PATH ?? '').split(delimiter)];
	const env = {...process.env, PATH: [...new Set(path)].join(delimiter)};
	const node = pinnedNode();
	const child = spawn(node, [script, ...argv], {cwd: process.cwd(), env, stdio: 'inherit'});
	child.once('error', error => fail(`cannot run ${node}: ${error.message}`));
	/** @type {NodeJS.Signals[]} */
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
	for (const signal of signals) {
		// A terminal sends Ctrl-C to the whole group: the script has it already, and counts how often it comes.
		process.on(signal, () => {
			if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
		});
	}

	if (process.env.npm_lifecycle_event !== undefined) {
		const born = ancestors();
		setInterval(() => ancestors() !== born && child.kill('SIGTERM'), 500).unref();
	}

	child.once('exit', (code, signal) => {
		if (signal === null) process.exit(code ?? 1);
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	});
}

const [script, ...argv] = process.argv.slice(2);
if (script === undefined) fail('usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT…]');
if (process.platform !== 'linux')
	fail(`hapair runs on Linux; this is ${process.platform}. Use a Linux machine or a virtual one.`);
if (process.arch !== 'x64' && process.arch !== 'arm64') fail(`hapair runs on x64 and arm64; this is ${process.arch}.`);
await installPackages();
if (scriptsWithTools.has(script)) {
	await installTools(script === 'scripts/test.ts' ? {...packageOfTool, ...packageOfTestTool} : packageOfTool);
}
runScript(resolve(root, script), argv);
