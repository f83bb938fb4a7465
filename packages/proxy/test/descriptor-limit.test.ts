import test from 'ava';
import {describeDescriptorShortage, readDescriptorLimit} from '../src/descriptor-limit.ts';

test('a limit below two descriptors a connection is a warning that names the number', t => {
	t.regex(
		describeDescriptorShortage(4096, 1024) ?? '',
		/needs about 8292 file descriptors, the limit is 1024.*ulimit -n 8292/,
	);
	t.is(describeDescriptorShortage(4096, 8292), undefined);
});

test('the limit of this process can be read', t => {
	t.true(readDescriptorLimit() > 0);
});
