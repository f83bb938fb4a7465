#!/usr/bin/env node
/**
 * Starts hapair under the Node version it needs.
 *
 * Runs under any Node ≥ 20: plain JavaScript, no dependency. When the running Node is too old, the
 * Node that was installed beside hapair takes over with the same arguments, signals and exit code.
 */
import {spawn} from 'node:child_process';
import {readdirSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {constants} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const neededMajor = 26;
const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(folder, 'dist', 'main.js');
const main = isCurrent(built) ? built : join(folder, 'src', 'main.ts');

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
	process.argv[1] = main;
	await import(main);
} else {
	const node = findNode();
	if (node === undefined) {
		process.stderr.write(
			`hapair: needs Node.js ${neededMajor} or newer and this is ${process.version}. ` +
				`Install it, or run "npm install" where hapair is installed so that node-linux-${process.arch} arrives.\n`,
		);
		process.exitCode = 1;
	} else {
		runUnder(node);
	}
}

/**
 * There is a built program, and no source beside it is newer. In an installation without sources the look costs nothing; in a checkout 4 ms.
 *
 * @param {string} path
 */
function isCurrent(path) {
	const builtMs = statSync(path, {throwIfNoEntry: false})?.mtimeMs;
	if (builtMs === undefined) return false;
	for (const name of ['cli', 'config', 'heartbeat', 'proxy', 'takeover']) {
		const source = join(folder, '..', name, 'src');
		if (statSync(source, {throwIfNoEntry: false}) === undefined) return true;
		for (const file of readdirSync(source, {recursive: true})) {
			if (statSync(join(source, String(file))).mtimeMs > builtMs) return false;
		}
	}
	return true;
}

function findNode() {
	const require = createRequire(import.meta.url);
	try {
		return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), 'bin', 'node');
	} catch {
		return undefined;
	}
}

/** @param {string} node */
function runUnder(node) {
	const argv = [main, ...process.argv.slice(2)];
	// Replacing this process keeps one pid for init scripts; Node 20 cannot, so there a parent passes signals on.
	if (typeof process.execve === 'function') process.execve(node, [node, ...argv], process.env);
	const child = spawn(node, argv, {stdio: 'inherit'});
	/** @type {NodeJS.Signals[]} */
	const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
	for (const signal of signals) process.on(signal, () => child.kill(signal));
	child.on('error', error => {
		process.stderr.write(`hapair: cannot start ${node}: ${error.message}\n`);
		process.exit(1);
	});
	child.on('exit', (code, signal) => {
		process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
	});
}
