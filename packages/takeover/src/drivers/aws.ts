/**
 * `takeover aws`: a secondary private address of a network interface, or an elastic IP, moved between two interfaces of one VPC.
 *
 * Source: the EC2 API reference, version 2016-11-15 (query API): `DescribeNetworkInterfaces`, `AssignPrivateIpAddresses` with
 * AllowReassignment, `DescribeAddresses`, `AssociateAddress` with AllowReassociation. Decides only how those are spoken. Both orders take effect
 * when they are answered, as far as the API knows; the network follows in a second or so.
 */
import type {AwsDriver} from '@hapair/config';
import {type ApiAnswer, askApi, refusal} from '../api.ts';
import {CredentialSource} from '../aws-credentials.ts';
import {type CallContext, type Driver, DriverError, type Observation} from '../driver.ts';
import type {ProviderParts} from '../parts.ts';
import {formatAmzDate, signRequest} from '../sigv4.ts';

const who = 'the EC2 API';

export class Aws implements Driver {
	readonly name = 'aws';
	readonly target: string;
	readonly watchEveryMs = 10_000;
	readonly #config: AwsDriver;
	readonly #parts: ProviderParts;
	readonly #today: () => Date;
	readonly #credentials: CredentialSource;

	/** `target` is an allocation's id, or a private IPv4 address. */
	constructor(config: AwsDriver, target: string, parts: ProviderParts, today: () => Date) {
		this.#config = config;
		this.#parts = parts;
		this.#today = today;
		this.target = target;
		this.#credentials = new CredentialSource(config, {...parts, today});
	}

	get #isElastic(): boolean {
		return this.target.startsWith('eipalloc-');
	}

	async read({signal}: CallContext): Promise<Observation> {
		const {own, peer, locate} = this.#parts;
		if (this.#isElastic) {
			const xml = await this.#ask('DescribeAddresses', {'AllocationId.1': this.target}, signal);
			if (textIn(xml, 'allocationId') === undefined) throw new DriverError(`${who} answered without the allocation`);
			return locate('interface', textIn(xml, 'networkInterfaceId'));
		}
		// A filter, because asking for an interface that is gone would be an error for both.
		const filter = {'Filter.1.Name': 'network-interface-id', 'Filter.1.Value.1': own, 'Filter.1.Value.2': peer};
		const interfaces = listInterfaces(await this.#ask('DescribeNetworkInterfaces', filter, signal));
		if (!interfaces.some(({id}) => id === own)) throw new DriverError(`${who} knows no network interface ${own}`);
		const wanted = `<privateIpAddress>${this.target}</privateIpAddress>`;
		return locate('interface', interfaces.find(({text}) => text.includes(wanted))?.id);
	}

	async assign(context: CallContext): Promise<undefined> {
		const {own} = this.#parts;
		// Credentials may take a while to come: ask afterwards, right before the order.
		await this.#credentials.get(context.signal);
		context.mayChange();
		if (this.#isElastic) {
			const order = {AllocationId: this.target, NetworkInterfaceId: own, AllowReassociation: 'true'};
			await this.#ask('AssociateAddress', order, context.signal);
		} else {
			const order = {NetworkInterfaceId: own, 'PrivateIpAddress.1': this.target, AllowReassignment: 'true'};
			await this.#ask('AssignPrivateIpAddresses', order, context.signal);
		}
	}

	async poll(): Promise<'done'> {
		return 'done';
	}

	async #ask(action: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
		const {api, region} = this.#config;
		const body = new URLSearchParams({Action: action, Version: '2016-11-15', ...parameters}).toString();
		const {host} = new URL(api);
		// `fetch` sets the host by itself, to the same value.
		const {host: _, ...headers} = signRequest(
			{
				method: 'POST',
				host,
				path: '/',
				headers: {'content-type': 'application/x-www-form-urlencoded; charset=utf-8'},
				body,
				region,
				service: 'ec2',
				amzDate: formatAmzDate(this.#today()),
			},
			await this.#credentials.get(signal),
		);
		const answer = await askApi(this.#parts.fetcher, {method: 'POST', url: `${api}/`, headers, body, signal, who});
		if (answer.status >= 200 && answer.status < 300) return xmlOf(answer);
		if (answer.status === 401 || answer.status === 403) this.#credentials.forget();
		throw refusal({who, explain: explainXml}, answer);
	}
}

function xmlOf({body}: ApiAnswer): string {
	if (typeof body === 'string' && body.includes('<requestId>')) return body;
	throw new DriverError(`${who} answered with something that is no answer`);
}

function explainXml(body: unknown): string | undefined {
	const code = typeof body === 'string' ? textIn(body, 'Code') : undefined;
	return code === undefined ? undefined : `${textIn(String(body), 'Message') ?? ''} (${code})`;
}

/** The text of the first element of that name; EC2's answers have no attributes inside the root. */
function textIn(xml: string, name: string): string | undefined {
	const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
	return text === '' ? undefined : text;
}

/** The described interfaces. Each begins with its id, which stands nowhere else in the answer. */
function listInterfaces(xml: string): {readonly id: string; readonly text: string}[] {
	const [head = '', ...parts] = xml.split('<networkInterfaceId>');
	const whole =
		!head.includes('networkInterfaceId>') && parts.every(part => part.split('</networkInterfaceId>').length === 2);
	if (!whole) throw new DriverError(`${who} answered with something that is no list of interfaces`);
	return parts.map(text => ({id: text.split('<')[0] ?? '', text}));
}
