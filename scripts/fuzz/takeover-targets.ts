/** Fuzz targets of the takeover drivers: what BIRD answers, AWS's credentials file, a provider's networks. Pure. */
import assert from 'node:assert/strict';
import {parseCredentials} from '../../packages/takeover/src/aws-credentials.ts';
import {parseAnswer, wordsOf} from '../../packages/takeover/src/bird-socket.ts';
import {DriverError} from '../../packages/takeover/src/driver.ts';
import {covers} from '../../packages/takeover/src/networks.ts';
import {cuttings, type FuzzTarget} from './target.ts';

function checkBird(input: string): void {
	const whole = parseAnswer(input);
	for (const pieces of cuttings(input)) {
		let text = '';
		let early: ReturnType<typeof parseAnswer>;
		for (const piece of pieces) {
			text += piece;
			early ??= parseAnswer(text);
		}
		// Bytes behind a complete answer change nothing, and an answer is never complete before its last line is.
		assert.deepEqual(early, whole);
	}
	if (whole === undefined) return;
	assert.ok(whole.code >= 0 && whole.code <= 9999);
	assert.ok(!/[\x00-\x1f\x7f]/.test(wordsOf(whole)), 'nothing disturbs a terminal');
}

function checkCredentials(input: string): void {
	try {
		const {accessKeyId, secretAccessKey} = parseCredentials('/f', input);
		assert.ok(!/\s/.test(accessKeyId + secretAccessKey) && accessKeyId !== '' && secretAccessKey !== '');
	} catch (error) {
		assert.ok(error instanceof DriverError);
		assert.ok(error.message.length < 200, 'the file is not quoted');
	}
}

function checkNetworks(input: string): void {
	const [network = '', address = ''] = input.split(' ');
	const is = covers(network, address);
	if (is) assert.ok(covers(address, address), 'what is covered is an address');
}

export const takeoverTargets: readonly FuzzTarget[] = [
	{
		name: 'bird-answer',
		corpus: [
			'0001 BIRD 2.0.12 ready.\n',
			'0002-Reading configuration from a.conf\n0003 Reconfigured\n',
			'2002-Name Proto\n1002-device1 Device\n router BGP Established\n0000 \n',
			'8001 Network not found\n',
		],
		words: ['0000 ', '0003 ', '1007-', ' ', '+', '-', '\n', '9001 ', '\u001b', '\r'],
		maxBytes: 300,
		check: checkBird,
	},
	{
		name: 'aws-credentials',
		corpus: ['[default]\naws_access_key_id = A\naws_secret_access_key = b/c+d\naws_session_token=e\n'],
		words: ['aws_access_key_id', 'aws_secret_access_key', ' = ', '=', '\n', '\r\n', '[x]', '#'],
		maxBytes: 300,
		check: checkCredentials,
	},
	{
		name: 'provider-network',
		corpus: ['203.0.113.7 203.0.113.7', '2001:db8::/64 2001:db8::5', '10.0.0.0/8 10.1.2.3'],
		words: ['/', ':', '::', '.', ' ', '0', '128', '32', '255', 'ffff', '%eth0', '::ffff:'],
		maxBytes: 100,
		check: checkNetworks,
	},
];
