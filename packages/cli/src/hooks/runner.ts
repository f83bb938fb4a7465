/**
 * One run of a hook, whatever its kind, with the secrets and texts that its line names.
 *
 * Decides that files are read before anything starts: a wrong one is refused at the start and not at the first failover.
 */
import type {Hook, Pair} from '@hapair/config';
import {readSecretFile} from '../daemon/keys.ts';
import {version} from '../version.ts';
import type {HookOccasion} from './events.ts';
import {runExecHook} from './exec.ts';
import {deliverMail} from './mail.ts';
import type {HookResult} from './queue.ts';
import {readTemplate, type Template} from './templates.ts';
import {deliverWebhook} from './webhook.ts';

export type HookRunner = (hook: Hook, occasion: HookOccasion) => Promise<HookResult>;

interface HookFiles {
	readonly secret?: Uint8Array;
	/** A token or a password. */
	readonly word?: string;
	readonly template?: Template;
}

/** @throws {UserError} when a file is missing, unsafe or wrong. */
export function createHookRunner({hooks}: Pick<Pair, 'hooks'>, uid: number): HookRunner {
	const files = new Map(hooks.map(hook => [hook, readHookFiles(hook, uid)]));
	return (hook, occasion) => {
		const {secret, word, template} = files.get(hook) ?? {};
		const own = template === undefined ? {} : {template};
		switch (hook.kind) {
			case 'exec':
				return runExecHook(hook, occasion, uid);
			case 'webhook':
				return deliverWebhook(hook, occasion, {
					version,
					...own,
					...(secret === undefined ? {} : {secret}),
					...(word === undefined ? {} : {token: word}),
				});
			case 'mail':
				return deliverMail(hook, occasion, {uid, ...own, ...(word === undefined ? {} : {password: word})});
		}
	};
}

/** What the hook's line names. @throws {UserError} */
export function readHookFiles(hook: Hook, uid: number): HookFiles {
	if (hook.kind === 'exec') return {};
	const secretFile = hook.kind === 'webhook' ? hook.secretFile : undefined;
	const wordFile = hook.kind === 'webhook' ? hook.tokenFile : hook.passwordFile;
	return {
		...(secretFile === undefined ? {} : {secret: readSecretFile(secretFile, uid)}),
		...(wordFile === undefined ? {} : {word: Buffer.from(readSecretFile(wordFile, uid, 1)).toString('latin1')}),
		...(hook.templateFile === undefined ? {} : {template: readTemplate(hook.templateFile)}),
	};
}
