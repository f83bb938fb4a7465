import test from 'ava';
import {formatAmzDate, signRequest} from '../src/sigv4.ts';

const credentials = {accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'};
const base = {path: '/', body: '', headers: {}, region: 'us-east-1', amzDate: '20150830T123600Z'};
const suite = {...base, host: 'example.amazonaws.com', service: 'service'};
const scope = 'Credential=AKIDEXAMPLE/20150830/us-east-1';

const examples = [
	[
		'get-vanilla of the test suite',
		{...suite, method: 'GET'},
		'service',
		'host;x-amz-date',
		'5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
	],
	[
		'post-vanilla of the test suite',
		{...suite, method: 'POST'},
		'service',
		'host;x-amz-date',
		'5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
	],
	[
		'post-x-www-form-urlencoded of the test suite',
		{...suite, method: 'POST', headers: {'content-type': 'application/x-www-form-urlencoded'}, body: 'Param1=value1'},
		'service',
		'content-type;host;x-amz-date',
		'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
	],
	[
		'ListUsers of the reference',
		{
			...base,
			method: 'GET',
			host: 'iam.amazonaws.com',
			service: 'iam',
			query: 'Action=ListUsers&Version=2010-05-08',
			headers: {'content-type': 'application/x-www-form-urlencoded; charset=utf-8'},
		},
		'iam',
		'content-type;host;x-amz-date',
		'5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
	],
] as const;

for (const [name, request, service, names, signature] of examples) {
	test(`the published signature: ${name}`, t => {
		t.is(
			signRequest(request, credentials).authorization,
			`AWS4-HMAC-SHA256 ${scope}/${service}/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
		);
	});
}

test('a session token is sent and signed', t => {
	const headers = signRequest({...suite, method: 'GET'}, {...credentials, sessionToken: 'abc'});
	t.is(headers['x-amz-security-token'], 'abc');
	t.true(headers.authorization?.includes('SignedHeaders=host;x-amz-date;x-amz-security-token,'));
});

test('the time of day in its form', t => {
	t.is(formatAmzDate(new Date('2015-08-30T12:36:00.123Z')), '20150830T123600Z');
});
