/**
 * The bodies that chats and pagers want: Slack, Teams, ntfy, PagerDuty.
 *
 * Decides their layouts, after each one's own documentation: Slack's incoming webhooks, the adaptive card of a Teams workflow, ntfy's
 * headers, PagerDuty's Events API v2. Pure. Words come from `wording.ts`.
 */
import type {WebhookForm} from '@hapair/config';
import type {HookOccasion} from './events.ts';
import {endsTrouble, factsOf, headlineOf, type Severity, severityOf, troubleOf} from './wording.ts';

export interface Message {
	readonly body: string;
	readonly headers: Readonly<Record<string, string>>;
}

/** @param token PagerDuty's routing key; no other form holds one. */
export function composeForm(form: WebhookForm, occasion: HookOccasion, token: string): Message {
	switch (form) {
		case 'slack':
			return json(slackBody(occasion));
		case 'teams':
			return json(teamsBody(occasion));
		case 'pagerduty':
			return json(pagerdutyBody(occasion, token));
		case 'ntfy':
			return ntfyMessage(occasion);
	}
}

function json(value: unknown): Message {
	return {body: JSON.stringify(value), headers: {'Content-Type': 'application/json'}};
}

const COLOURS: Readonly<Record<Severity, string>> = {
	critical: '#a30200',
	error: '#d50200',
	warning: '#de9e31',
	info: '#2fa44f',
};

/** `text` is what notifications show. `&`, `<` and `>` would begin Slack's own marks. */
function slackBody(occasion: HookOccasion): unknown {
	const harmless = (text: string): string =>
		text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
	const fields = factsOf(occasion).map(([title, value]) => ({
		title,
		value: harmless(value),
		short: title !== 'Reason' && title !== 'Id',
	}));
	return {
		text: harmless(headlineOf(occasion)),
		attachments: [{color: COLOURS[severityOf(occasion)], fallback: harmless(occasion.reason), fields}],
	};
}

const CARD_COLOURS: Readonly<Record<Severity, string>> = {
	critical: 'attention',
	error: 'attention',
	warning: 'warning',
	info: 'good',
};

function teamsBody(occasion: HookOccasion): unknown {
	const title = {type: 'TextBlock', text: headlineOf(occasion), weight: 'bolder', size: 'medium', wrap: true};
	const card = {
		$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
		type: 'AdaptiveCard',
		version: '1.4',
		body: [
			{...title, color: CARD_COLOURS[severityOf(occasion)]},
			{type: 'FactSet', facts: factsOf(occasion).map(([name, value]) => ({title: name, value}))},
		],
	};
	const contentType = 'application/vnd.microsoft.card.adaptive';
	return {type: 'message', attachments: [{contentType, contentUrl: null, content: card}]};
}

/** An event that ends a trouble resolves its alert; what neither begins nor ends one is an alert of severity `info`. */
function pagerdutyBody(occasion: HookOccasion, routingKey: string): unknown {
	const common = {routing_key: routingKey, dedup_key: troubleOf(occasion).slice(0, 255)};
	if (endsTrouble(occasion) && occasion.test !== true) return {...common, event_action: 'resolve'};
	return {
		...common,
		event_action: 'trigger',
		client: 'hapair',
		payload: {
			summary: `${headlineOf(occasion)}: ${occasion.reason}`.slice(0, 1024),
			source: occasion.node,
			severity: severityOf(occasion),
			timestamp: occasion.time,
			component: occasion.about || occasion.virtualAddresses[0] || occasion.pair,
			group: occasion.pair,
			class: occasion.event,
			custom_details: Object.fromEntries(factsOf(occasion)),
		},
	};
}

const PRIORITIES: Readonly<Record<Severity, string>> = {critical: '5', error: '4', warning: '4', info: '3'};
const TAGS: Readonly<Record<Severity, string>> = {
	critical: 'rotating_light',
	error: 'x',
	warning: 'warning',
	info: 'white_check_mark',
};

/** The text is the body, everything else a header; the URL names the topic. */
function ntfyMessage(occasion: HookOccasion): Message {
	const severity = severityOf(occasion);
	const [, ...others] = factsOf(occasion);
	return {
		body: [occasion.reason, '', ...others.map(([name, value]) => `${name}: ${value}`)].join('\n'),
		headers: {
			'Content-Type': 'text/plain; charset=utf-8',
			Title: headlineOf(occasion).replace(/[^\x20-\x7e]/g, '?'),
			Priority: PRIORITIES[severity],
			Tags: TAGS[severity],
		},
	};
}
