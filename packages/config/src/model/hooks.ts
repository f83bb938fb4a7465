/**
 * Who is told of what happens to a pair: programs, webhooks, mail; and the certificates that are watched.
 *
 * A part of the model (`../model.ts`).
 */
import type {Position} from './position.ts';

/**
 * What a hook can be told. States after RFC 5798 §6.4 and keepalived's fault; `solo` is a master alone and `paired` its end,
 * `drift` two unlike configurations and `agreed` their end. `change` is every change of state, `any` every event.
 */
export type HookEvent =
	| 'any'
	| 'change'
	| 'master'
	| 'backup'
	| 'fault'
	| 'stop'
	| 'solo'
	| 'paired'
	| 'drift'
	| 'agreed'
	| 'flap'
	| 'witness'
	| 'drill'
	| 'server-down'
	| 'server-up'
	| 'backend-down'
	| 'backend-up'
	| 'cert-expiry';

/** What every hook line may say before `exec`, `webhook` or `mail`. */
interface HookBase {
	readonly on: HookEvent;
	/** Subjects of events that are told, and that are not; `*` stands for any text. Absent: all, none. */
	readonly only?: readonly string[];
	readonly unless?: readonly string[];
	/** The state in which this node must be when the event happens. */
	readonly whileState?: 'master' | 'backup' | 'fault';
	/** Of one run or one attempt, 100–300000 ms. */
	readonly timeoutMs: number;
	readonly position: Position;
}

/** The body of a webhook as a receiver wants it. */
export type WebhookForm = 'slack' | 'teams' | 'ntfy' | 'pagerduty';

export type MailTransport =
	| {readonly kind: 'sendmail'; readonly path: string}
	| {
			readonly kind: 'smtp';
			readonly host: string;
			readonly port: number;
			/** From the first byte (`smtps://`); else STARTTLS when it is offered. */
			readonly tls: boolean;
			readonly user?: string;
	  };

export type Hook =
	| (HookBase & {readonly kind: 'exec'; readonly argv: readonly string[]})
	| (HookBase & {
			readonly kind: 'webhook';
			readonly url: string;
			/** Absent: hapair's own JSON. */
			readonly form?: WebhookForm;
			/** File with the key of the signature header; absent = unsigned. */
			readonly secretFile?: string;
			/** File with the receiver's token: PagerDuty's routing key, elsewhere `Authorization: Bearer`. */
			readonly tokenFile?: string;
			/** File with the body's text. */
			readonly templateFile?: string;
	  })
	| (HookBase & {
			readonly kind: 'mail';
			readonly to: readonly string[];
			readonly from?: string;
			readonly via: MailTransport;
			readonly passwordFile?: string;
			/** File with the mail's text; a first line `Subject: …` is its subject. */
			readonly templateFile?: string;
	  });

/** A certificate whose end the daemon watches, for `on cert-expiry`. */
export interface WatchedCertificate {
	readonly path: string;
	/** Told when it ends in fewer days than this, 1–365. */
	readonly warnDays: number;
	/** Part of the one configuration of both nodes: copied by `hapair sync`, and a difference is drift. */
	readonly isShared: boolean;
	readonly position: Position;
}
