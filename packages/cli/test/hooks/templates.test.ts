import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {UserError} from '../../src/exit-codes.ts';
import {fillTemplate, readTemplate} from '../../src/hooks/templates.ts';
import {sampleOccasion} from '../helpers/samples.ts';
import {makeTempDirectory} from '../helpers/temp-directory.ts';

test('values are filled in, each on one line', t => {
	const path = join(makeTempDirectory(t), 'x.txt');
	writeFileSync(path, '{{node}} is {{ newState }}: {{reason}} ({{virtualAddresses}}) {not} {{}');
	const filled = fillTemplate(readTemplate(path), {...sampleOccasion, reason: 'a\n.\nb "c" {{node}}'});
	t.is(filled, 'lb1 is master: a . b "c" {{node}} (10.0.0.100 10.0.0.101) {not} {{}');
});

test('in a JSON file a value cannot leave its string', t => {
	const path = join(makeTempDirectory(t), 'x.json');
	writeFileSync(path, '{"text": "{{headline}}: {{reason}}", "term": {{term}}}');
	const body = fillTemplate(readTemplate(path), {...sampleOccasion, reason: 'a", "admin": "\\'});
	t.deepEqual(JSON.parse(body), {text: 'oslo: lb1 is master: a", "admin": "\\', term: 4});
});

test('what is wrong is found when the file is read', t => {
	const directory = makeTempDirectory(t);
	const problem = (name: string, text: string): string | undefined => {
		writeFileSync(join(directory, name), text);
		const error = t.throws(() => readTemplate(join(directory, name)), {instanceOf: UserError});
		return error?.message.replace(directory, '');
	};
	t.is(problem('a.txt', '{{node}} {{reson}}'), '/a.txt: there is no value {{reson}}');
	t.is(problem('b.txt', '{{toString}}'), '/b.txt: there is no value {{toString}}');
	t.is(problem('c.json', '{"text": {{reason}} and}'), '/c.json: is not JSON when its values are filled in');
	t.is(problem('d.txt', 'x'.repeat(65_537)), '/d.txt: a template has at most 65536 bytes');
	mkdirSync(join(directory, 'e'));
	t.regex(t.throws(() => readTemplate(join(directory, 'e')))?.message ?? '', /is not a regular file/);
	t.regex(t.throws(() => readTemplate(join(directory, 'f')))?.message ?? '', /the template cannot be read: ENOENT/);
});
