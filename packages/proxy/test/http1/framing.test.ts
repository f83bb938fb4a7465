import test from 'ava';
import {
	CHUNKED,
	type FramingFields,
	frameRequest,
	frameResponse,
	hasNoBody,
	MALFORMED,
	UNKNOWN_CODING,
	UNTIL_CLOSE,
} from '../../src/http1/framing.ts';

const fields = (over: Partial<FramingFields> = {}): FramingFields => ({
	version: 11,
	contentLengthCount: 0,
	contentLength: '',
	transferEncodingCount: 0,
	transferEncoding: '',
	...over,
});
const coded = (transferEncoding: string, over: Partial<FramingFields> = {}) =>
	fields({transferEncodingCount: 1, transferEncoding, ...over});

test('a request without length has no body, a response ends with the connection', t => {
	t.is(frameRequest(fields()), 0);
	t.is(frameResponse(fields(), 200, 'GET'), UNTIL_CLOSE);
});

test('an unknown coding before a final chunked is not implemented; chunked elsewhere is malformed', t => {
	t.is(frameRequest(coded('chunked')), CHUNKED);
	t.is(frameRequest(coded('gzip, chunked')), UNKNOWN_CODING);
	t.is(frameRequest(coded('chunked, gzip')), MALFORMED);
	t.is(frameRequest(coded('identity')), MALFORMED);
	t.is(frameRequest(coded('chunked', {version: 10})), MALFORMED);
	t.is(frameRequest(coded('chunked', {contentLengthCount: 1, contentLength: '0'})), MALFORMED);
});

test('a response that can have no body is still refused when its framing is wrong', t => {
	const wrong = fields({contentLengthCount: 2, contentLength: '5'});
	t.is(frameResponse(wrong, 304, 'GET'), MALFORMED);
	t.is(frameResponse(wrong, 200, 'HEAD'), MALFORMED);
});

test('no body: HEAD, 1xx, 204, 304', t => {
	for (const status of [100, 103, 204, 304]) t.true(hasNoBody(status, 'GET'));
	t.true(hasNoBody(200, 'HEAD'));
	t.false(hasNoBody(200, 'GET'));
	t.false(hasNoBody(205, 'GET'));
});
