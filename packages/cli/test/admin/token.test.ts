import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {openToken} from '../../src/admin/token.ts';
import {UserError} from '../../src/exit-codes.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

const usual = {host: '127.0.0.1', port: 8404, hostNames: []};
const uid = process.getuid?.() ?? 0;

test('without a file of its own a node makes a token once, for its owner only', t => {
	const directory = makeTempDirectory(t);
	const {token, path} = openToken(usual, directory, uid);
	t.is(path, join(directory, 'admin.token'));
	t.is(readFileSync(path, 'utf8').trim(), token);
	t.is(Buffer.from(token, 'base64').length, 32);
	t.is(statSync(path).mode & 0o777, 0o600);
	t.is(openToken(usual, directory, uid).token, token);
});

test('a named file must be there, closed to others and hold enough', t => {
	const directory = makeTempDirectory(t);
	const tokenFile = join(directory, 'token');
	const open = () => openToken({...usual, tokenFile}, undefined, uid);
	t.throws(open, {instanceOf: UserError, message: /there is no such file/});
	writeFileSync(tokenFile, 'a-token-of-some-length\n', {mode: 0o644});
	t.throws(open, {instanceOf: UserError, message: /is open to others/});
	const short = join(directory, 'short');
	writeFileSync(short, 'abc', {mode: 0o600});
	t.throws(() => openToken({...usual, tokenFile: short}, undefined, uid), {message: /at least 16/});
	const spaced = join(directory, 'spaced');
	writeFileSync(spaced, 'three words in a row', {mode: 0o600});
	t.throws(() => openToken({...usual, tokenFile: spaced}, undefined, uid), {message: /a token is one word/});
	t.throws(() => openToken(usual, undefined, uid), {message: /no directory to keep a token in/});
});
