import test from 'ava';
import {findTool} from '../../src/processes/find-tool.ts';

test('tools are found in the system directories only, whatever PATH says', t => {
	t.regex(findTool('sh') ?? '', /^\/(usr\/)?s?bin\/sh$/);
	t.is(findTool('ava'), undefined);
});
