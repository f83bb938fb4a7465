/** The witness as a program: what it refuses to start with, and that it ends when told. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {witness} from '../../src/commands/witness.ts';
import {recordIo} from '../helpers/record-io.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

function place(t: ExecutionContext) {
	const directory = makeTempDirectory(t);
	const key = join(directory, 'pair.key');
	writeFileSync(key, 'a key that is long enough\n', {mode: 0o600});
	return {listen: '127.0.0.1:0', keyFiles: [key], stateFile: join(directory, 'state', 'witness.json'), json: true};
}

test('It ends with 0 when it is told to', async t => {
	const {io} = recordIo();
	t.is(await witness(place(t), {...io, interrupted: AbortSignal.abort()}), 0);
});

test('What it cannot start with is a sentence', async t => {
	const {io} = recordIo();
	const options = place(t);
	await t.throwsAsync(witness({...options, listen: 'here'}, io), {message: /'here' is not an address and a port/});
	await t.throwsAsync(witness({...options, keyFiles: ['/nowhere']}, io), {message: /there is no such file/});
	mkdirSync(join(options.stateFile, '..'));
	writeFileSync(options.stateFile, 'nonsense');
	await t.throwsAsync(witness(options, io), {message: /witness\.json is damaged/});
});
