/** `http-error`, `errorfiles`, sections `http-errors`, and the answers of rules that name them. */
import test from 'ava';
import {namedFiles} from '../../src/index.ts';
import {configurationOf, only, remarks} from '../helpers/parse.ts';
import {frontendRemarks, frontendText} from '../helpers/sections.ts';

const SECTION = 'http-errors site\n errorfile 503 /site/503\n errorfile 404 /site/404\n errorfile 404 /site/404b\n';
const read = (...lines: readonly string[]) => only(configurationOf(SECTION + frontendText(...lines)).frontends);

test('errorfiles: all files of a section, or those for some statuses; the last line for a status counts', t => {
	const paths = (...lines: readonly string[]) => read(...lines).errorFiles.map(({status, path}) => `${status} ${path}`);
	t.deepEqual(paths('errorfiles site'), ['503 /site/503', '404 /site/404b']);
	t.deepEqual(paths('errorfiles site 503'), ['503 /site/503']);
	t.deepEqual(paths('errorfile 503 /own', 'errorfiles site 503'), ['503 /site/503']);
	t.deepEqual(paths('errorfiles site', 'errorfile 503 /own'), ['404 /site/404b', '503 /own']);
	t.deepEqual(paths('errorfiles site', 'errorloc 503 http://x/'), ['404 /site/404b']);
});

test('http-error: an answer, a file of a section, or the built-in page', t => {
	const {errorFiles, errorReplies} = read(
		'http-error status 403 content-type text/plain lf-string "no %[path]" hdr x-a b',
		'http-error status 404 errorfiles site',
		'http-error status 503 errorfile /own',
		'http-error status 500 default-errorfiles',
		'http-error status 502',
	);
	t.deepEqual(
		errorFiles.map(({status, path}) => `${status} ${path}`),
		['404 /site/404b', '503 /own'],
	);
	t.is(errorReplies?.length, 2);
	t.like(errorReplies, [
		{
			status: 403,
			reply: {body: 'no %[path]', contentType: 'text/plain', headers: [{name: 'x-a', value: 'b'}]},
		},
		{status: 502, reply: {status: 502, headers: []}},
	]);
	const {httpRequestRules} = read(
		'http-request return status 404 errorfiles site',
		'http-request return status 404 default-errorfiles',
		'http-request deny deny_status 404 default-errorfiles',
	);
	t.like(httpRequestRules, [
		{kind: 'return', reply: {status: 404, errorFile: '/site/404b'}},
		{kind: 'return', reply: {status: 404, isPage: true}},
		{kind: 'deny', status: 404},
	]);
	const files = namedFiles(configurationOf(frontendText('http-error status 503 content-type a/b file /body')));
	t.like(files, [{path: '/body', keyword: 'file'}]);
});

test('a defaults section hands its pages down', t => {
	const [frontend] = configurationOf(
		`${SECTION}defaults\n mode http\n timeout client 5s\n errorfiles site 404\n http-error status 500\nfrontend f\n bind :80\n`,
	).frontends;
	t.like(frontend, {errorFiles: [{path: '/site/404b'}], errorReplies: [{status: 500}]});
});

test('what is wrong with pages is said with its place', t => {
	const cases: readonly (readonly [line: string, ...found: readonly string[]])[] = [
		['errorfiles', 'error 8:2 the section http-errors is missing at the end of this line'],
		['errorfiles sit', "error 8:13 there is no section http-errors 'sit' (add a section 'http-errors sit')"],
		[
			'http-error',
			'error 8:2 http-error needs \'status N\' (http-error status 503 content-type text/plain string "back soon")',
		],
		['http-error status 503 foo', "error 8:24 'foo' is not a part of an answer"],
		[
			'http-error status 503 content-type a/b string x if TRUE',
			"error 8:50 'if' is one word too many here (http-error takes no condition)",
		],
		[
			'http-error status 503 content-type a/b string x file /y',
			"error 8:50 'file' cannot stand beside 'string' (an answer has one of them)",
		],
		['http-error status 503 content-type a/b', "warning 8:37 content-type 'a/b' has no effect: the answer has no body"],
		['http-error status 503 hdr a b errorfile /x', 'warning 8:42 hdr has no effect: a page has its own headers'],
		['http-request return status 299 default-errorfiles', 'error 8:33 there is no error page for status 299'],
		['http-request return status 503 errorfiles nope', "error 8:2 there is no section http-errors 'nope'"],
	];
	for (const [line, ...expected] of cases) {
		const found = frontendRemarks(line);
		t.is(found.length, expected.length, `${line}: ${found.join('; ')}`);
		for (const [index, one] of expected.entries()) t.true(found[index]!.startsWith(one), `${line}: ${found[index]}`);
	}
	t.deepEqual(remarks(`${SECTION}${frontendText('errorfiles site 410')}`), [
		"warning 12:18 section http-errors 'site' has no file for 410 (errorfile 410 FILE)",
	]);
	t.deepEqual(
		remarks('http-errors a\nhttp-errors a\n errorfile 999 /x\n foo\n').map(one => one.slice(0, 50)),
		[
			"error 2:1 the name 'a' is taken by another section",
			"error 3:12 errorfile: '999' is not a status it can",
			"error 4:2 unknown keyword 'foo' in section 'http-e",
		],
	);
});
