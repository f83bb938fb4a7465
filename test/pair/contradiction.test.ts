import {createHash, randomBytes} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {Lab} from '../lab/lab.ts';
import {waitFor} from '../lab/wait.ts';

/** Two daemons that cannot hear each other because their files differ: the second finds the address in use and stays away. */
async function contradict(lab: Lab, change: (text: string) => string): Promise<void> {
	const otherPath = join(lab.directory, 'other.cfg');
	writeFileSync(otherPath, change(readFileSync(lab.configPath, 'utf8')));
	lab.startDaemon('lb1');
	lab.startDaemon('lb2', otherPath);
	await waitFor(
		'one node with the address',
		async () => {
			const holders = await Promise.all((['lb1', 'lb2'] as const).map(async node => (await lab.readStatus(node)).self));
			return holders.some(({holdsAddress}) => holdsAddress);
		},
		{deadlineMs: 30_000},
	);
}

/** One whose name on the wire, the first byte of its digest, is another: of 256 keys one has the same. */
function makeOtherKey(key: string): string {
	const nameOf = (secret: string) => createHash('sha256').update(secret).digest()[0];
	for (;;) {
		const other = randomBytes(32).toString('hex');
		if (nameOf(other) !== nameOf(key.trim())) return other;
	}
}

const wordsOf = async (lab: Lab, node: 'lb1' | 'lb2', ...argv: string[]) => {
	const {stdout, stderr} = await lab.daemon(node).command(argv);
	return `${stdout}${stderr}`;
};

test.serial(
	'Two keys, then two names of the pair: one node serves, and status, doctor and check name the difference',
	async t => {
		t.timeout(120_000);
		const lab = new Lab();
		try {
			for (const role of ['web1', 'web2', 'web3'] as const) await lab.startWeb(role);
			lab.writeConfig();
			const otherKey = join(lab.directory, 'other.key');
			writeFileSync(otherKey, `${makeOtherKey(readFileSync(join(lab.directory, 'pair.key'), 'utf8'))}\n`, {
				mode: 0o600,
			});
			const cases = [
				[(text: string) => text.replace('/pair.key', '/other.key'), /signs with a key that this node does not have/],
				[(text: string) => text.replace(/^pair lab$/m, 'pair lbb'), /gives the pair another name/],
			] as const;
			for (const [change, words] of cases) {
				await contradict(lab, change);
				for (const node of ['lb1', 'lb2'] as const)
					await waitFor(`${node} to name the difference`, async () => words.test(await wordsOf(lab, node, 'status')));
				t.regex(await wordsOf(lab, 'lb1', 'doctor', '-f', lab.configPath, '--node', 'lb1'), words);
				t.regex(await wordsOf(lab, 'lb1', 'check', '-f', lab.configPath, '--node', 'lb1'), words);
				const held = async () =>
					(await Promise.all((['lb1', 'lb2'] as const).map(node => lab.readStatus(node)))).filter(
						({self}) => self.holdsAddress,
					).length;
				await waitFor(
					'the other node to see the address in use',
					async () => {
						// Both may have claimed in the same moment of the start; the one that is not preferred gives way then.
						if ((await held()) !== 1) return false;
						const texts = await Promise.all((['lb1', 'lb2'] as const).map(node => wordsOf(lab, node, 'status')));
						return texts.some(text => /10\.0\.0\.100 is in use by/.test(text));
					},
					{deadlineMs: 30_000},
				);
				await lab.daemon('lb1').stop();
				await lab.daemon('lb2').stop();
			}
		} catch (error) {
			for (const node of ['lb1', 'lb2'] as const) t.log(`${node} said:\n${lab.maybeDaemon(node)?.output.slice(-3000)}`);
			throw error;
		} finally {
			lab.dispose();
		}
	},
);
