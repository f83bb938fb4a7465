/**
 * What the takeover drivers need from this machine and do not find: secrets, programs, accounts, BIRD.
 *
 * Decides severity: a driver that could do nothing at all is an error, though the pair would go on with the address that its own network
 * knows. Leaves asking the providers to the running drivers, whose troubles `hapair status` shows.
 */
import {existsSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {Diagnostic, Pair, Position, TakeoverDriver} from '@hapair/config';
import {UserError} from '../exit-codes.ts';
import {findProgramObjection} from '../hooks/exec.ts';
import {findAccount, readToken} from '../takeover/surroundings.ts';

export function inspectDrivers(pair: Pair, uid: number): Diagnostic[] {
	return pair.drivers.flatMap(driver => inspectDriver(driver, uid));
}

function inspectDriver(driver: TakeoverDriver, uid: number): Diagnostic[] {
	switch (driver.kind) {
		case 'hetzner-cloud':
		case 'digitalocean':
			return inspectSecret(driver, driver.tokenFile, uid);
		case 'openstack':
			return inspectSecret(driver, driver.secretFile, uid);
		case 'aws':
			return driver.credentialsFile === undefined ? [] : inspectSecret(driver, driver.credentialsFile, uid);
		case 'exec':
			return inspectProgram(driver, uid);
		case 'bgp':
			return inspectBird(driver);
	}
}

function inspectSecret({kind, position}: TakeoverDriver, path: string, uid: number): Diagnostic[] {
	try {
		readToken(path, uid);
		return [];
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return [
			say('error', position, `takeover ${kind} has no secret and cannot move anything: ${error.message}`, error.hint),
		];
	}
}

function inspectProgram({argv, user, position}: Extract<TakeoverDriver, {kind: 'exec'}>, uid: number): Diagnostic[] {
	const objection = findProgramObjection(argv[0] ?? '', uid);
	const program =
		objection === undefined ? [] : [say('error', position, `the takeover program cannot be run: ${objection}`)];
	if (findAccount(user) !== undefined) return program;
	const hint = `useradd --system ${user}, or say takeover exec user NAME …`;
	return [
		...program,
		say('error', position, `the takeover program has no user to run as: there is no '${user}' here`, hint),
	];
}

function inspectBird({file, control, position}: Extract<TakeoverDriver, {kind: 'bgp'}>): Diagnostic[] {
	const found: Diagnostic[] = [];
	if (!existsSync(dirname(file))) {
		found.push(
			say('error', position, `takeover bgp cannot write ${file}: there is no such directory`, `mkdir ${dirname(file)}`),
		);
	}
	if (statSync(control, {throwIfNoEntry: false})?.isSocket() !== true) {
		const message = `takeover bgp finds no BIRD: ${control} is not its control socket`;
		found.push(say('warning', position, message, 'install the package bird2 and start it, or say control PATH'));
	}
	return found;
}

function say(severity: 'error' | 'warning', position: Position, message: string, hint?: string): Diagnostic {
	return {severity, ...position, length: 1, message, ...(hint === undefined ? {} : {hint})};
}
