import test from 'ava';
import {parseConfiguration} from '../../src/index.ts';

test('bind … interface is accepted with a warning: it does not keep other interfaces out', t => {
	const text = 'listen a\n bind 10.0.0.1:80 interface eth0\n';
	const {configuration, diagnostics} = parseConfiguration([{name: 'x.cfg', text}], {environment: {}});
	t.is(configuration?.frontends[0]?.binds[0]?.interface, 'eth0');
	const found = diagnostics.find(({message}) => message.startsWith("'interface' has no effect"));
	t.like(found, {severity: 'warning', line: 2, hint: 'bind the address of eth0 instead'});
});
