import test from 'ava';
import {findCacheDirectory} from '../../src/processes/cache-directory.ts';

test('root never takes a directory from its environment; a user without a home has none', t => {
	const home = () => '/home';
	t.is(findCacheDirectory(0, {XDG_CACHE_HOME: '/elsewhere'}, home), '/var/cache');
	t.is(findCacheDirectory(997, {XDG_CACHE_HOME: '/var/cache'}, home), '/var/cache');
	t.is(findCacheDirectory(1000, {}, home), '/home/.cache');
	const none = () => {
		throw new Error('uv_os_homedir returned ENOENT');
	};
	t.is(findCacheDirectory(61_496, {}, none), undefined);
});
