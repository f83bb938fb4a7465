import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import * as esbuild from 'esbuild';
import type {Page} from 'playwright-core';
import {buildDashboard} from '../../scripts/build-dashboard.mjs';
import type {Lab} from '../lab/lab.ts';
import {letPassMs} from '../lab/wait.ts';
import {startBrowser, type Visitor} from './browser.ts';
import {figure, withPair} from './with-pair.ts';

const root = join(import.meta.dirname, '../..');
const url = 'http://127.0.0.1:8404/';
/** Where pictures for the documentation go; none are made otherwise. */
const pictures = process.env.HAPAIR_SCREENSHOTS;

test.serial(
	'The dashboard in a real browser: login, live figures, a dead server, a drill, other files, a move by button',
	async t => {
		await buildDashboard(esbuild, join(root, 'packages/cli/dist/dashboard'));
		await withPair(t, {interMs: 200, ownFiles: true, lines: ['drill "0 4 * * 0" return yes']}, async lab => {
			const browser = await startBrowser(lab.network.namespaceOf('lb1'), lab.directory);
			try {
				const clients = await lab.probeClients({perSecond: 50});
				const visitor = await browser.visit({viewport: {width: 1280, height: 1000}});
				await refuseWithoutLogin(t, visitor);
				await logIn(t, visitor, lab);
				await seeServerDie(t, visitor.page, lab);
				await drainServer(t, visitor.page, lab);
				await holdDrill(t, visitor.page, lab);
				await reloadFile(t, visitor.page, lab);
				await makeFilesSame(t, visitor.page, lab);
				await moveAddress(t, visitor.page, lab);
				if (pictures !== undefined) await makePictureWorthy(lab);
				await readMetrics(t, visitor.page);
				await takePicture(visitor.page, 'dashboard.png');
				await seeOtherWays(t, visitor.page);
				t.deepEqual(visitor.complaints, []);
				const {fresh} = await clients.stop();
				t.true(fresh.length > 50);
				// What web3 was working on when it was killed has no answer; the move and the drain cost nothing.
				const failed = fresh.flatMap(({error}) => (error === undefined || error === 'status 502' ? [] : [error]));
				t.deepEqual(failed, [], 'no client has noticed the move');
			} finally {
				await browser.close();
			}
		});
	},
);

/** Nothing is shown, and nothing can be ordered, before the login. */
async function refuseWithoutLogin(t: ExecutionContext, {page, complaints}: Visitor): Promise<void> {
	await page.goto(url);
	await page.getByLabel('Admin token').waitFor();
	const paintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1);
	figure(t, 'first paint', Math.round(paintMs));
	t.true(paintMs >= 0 && paintMs < 15_000);
	t.deepEqual(complaints, []);
	t.notRegex((await page.textContent('body')) ?? '', /lb2|10\.0\.0\.100/);
	const status = await page.evaluate(async () => {
		const order = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'};
		return (await fetch('/api/failover', order)).status;
	});
	t.is(status, 401);
	await page.getByLabel('Admin token').fill('a wrong token, of course');
	await page.keyboard.press('Enter');
	await page.getByText('the token is wrong').waitFor();
	// The browser notes each 401 in its console; these were wanted.
	t.true(complaints.length > 0);
	t.deepEqual(
		complaints.filter(text => !/status of 401/.test(text)),
		[],
	);
	(complaints as string[]).length = 0;
}

async function logIn(t: ExecutionContext, {page}: Visitor, lab: Lab): Promise<void> {
	const token = readFileSync(`${lab.socketPathOf('lb1')}.state/admin.token`, 'utf8');
	await page.getByLabel('Admin token').fill(token.trim());
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: /^lb1 holds 10\.0\.0\.100/}).waitFor();
	await page.getByText('lb2 is ready to take over.').waitFor();
	await page.getByText('live', {exact: true}).waitFor();
	t.deepEqual(await page.locator('article.node h3').allInnerTexts(), ['lb1 master', 'lb2 backup']);
	t.is(await page.locator('.plot canvas').count(), 3);
	// Requests flow, and the plot says so in words too.
	await page.getByRole('img', {name: /^Requests per second: requests [1-9]/}).waitFor();
}

async function seeServerDie(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	const pill = page.locator('[data-server="web_servers/web3"] .pill');
	await pill.getByText(/^UP/).waitFor();
	lab.killWeb('web3');
	await pill.getByText('DOWN', {exact: true}).waitFor();
	await page.getByText('2 of 3 up').waitFor();
	t.regex((await page.locator('[data-server="web_servers/web3"]').textContent()) ?? '', /L4CON/);
}

/** By keyboard alone: to the button, through the dialog, and back. */
async function drainServer(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	await page.getByRole('button', {name: 'Drain web_servers/web2'}).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog', {name: 'Drain: web_servers/web2?'}).waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({state: 'detached'});
	await page.getByRole('button', {name: 'Drain web_servers/web2'}).press('Enter');
	await page.getByRole('dialog', {name: 'Drain: web_servers/web2?'}).waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.locator('[data-server="web_servers/web2"] .pill').getByText('DRAIN').waitFor();
	t.is(await lab.serverStatus('lb1', 'web2'), 'DRAIN');
	await page.getByRole('button', {name: 'Put web_servers/web2 back'}).press('Enter');
	await page.locator('[data-server="web_servers/web2"] .pill').getByText(/^UP/).waitFor();
}

/** What would refuse it is shown first; how it goes on and what came of it afterwards. By keyboard alone. */
async function holdDrill(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	const card = page.getByRole('region', {name: /^Drills/});
	await card.getByText('never proven').waitFor();
	await card.getByRole('button', {name: 'Hold a drill …'}).press('Enter');
	const dialog = page.getByRole('dialog', {name: 'Hold a drill?'});
	await dialog.getByText(/a drill waits until it has been calm for 10 min/).waitFor();
	t.true(await dialog.getByRole('button', {name: 'Hold it'}).isDisabled());
	await page.keyboard.press('Tab');
	await dialog.getByLabel('Even if the pair changed a moment ago').press('Space');
	await dialog.getByText('nothing stands against a drill: lb2 can take the address').waitFor();
	await dialog.getByRole('button', {name: 'Hold it'}).press('Enter');
	await dialog.getByText('asking lb2 for the address back').waitFor();
	await dialog.getByText(/^Done\. lb2 had the address and answered; it is back on lb1$/).waitFor({timeout: 30_000});
	t.regex((await dialog.textContent()) ?? '', /lb1 → lb2, [\d.]+ ms without an answer, [\d.]+ ms on the way back/);
	// The keyboard is at the only button that is left.
	await page.keyboard.press('Enter');
	await dialog.waitFor({state: 'detached'});
	await card.getByText('proven', {exact: true}).waitFor();
	t.regex((await card.textContent()) ?? '', /Last proven.* ago, lb1 to lb2, [\d.]+ ms.*passed.*by operator/s);
	await lab.waitForMaster('lb1');
	await page.getByRole('heading', {name: /^lb1 holds 10\.0\.0\.100/}).waitFor();
}

/** A wrong file says where it is wrong and cannot be loaded; what is new in a right one is shown before it is. */
async function reloadFile(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	const card = page.getByRole('region', {name: /^Configuration/});
	await card.getByText('the same on both nodes').waitFor();
	const text = readFileSync(lab.configPath, 'utf8');
	writeFileSync(lab.configPath, text.replace('retries 3', 'retrys 3'));
	await card.getByRole('button', {name: 'Reload lb1 …'}).click();
	const dialog = page.getByRole('dialog', {name: 'Reload lb1?'});
	await dialog
		.getByText(/retrys/)
		.first()
		.waitFor();
	t.true(await dialog.getByRole('button', {name: 'Reload'}).isDisabled());
	await page.keyboard.press('Escape');
	await dialog.waitFor({state: 'detached'});
	writeFileSync(lab.configPath, text.replace('retries 3', 'retries 5'));
	await card.getByRole('button', {name: 'Reload lb1 …'}).click();
	await dialog.locator('pre .added').waitFor();
	t.deepEqual(await dialog.locator('pre .gone, pre .added').allTextContents(), ['-retries 3\n', '+retries 5\n']);
	const answered = 'hapair_transaction_seconds_count{backend="web_servers",code="2xx"}';
	const before = figureIn(await askMetrics(page), answered);
	t.true(before > 50);
	await dialog.getByRole('button', {name: 'Reload'}).click();
	await dialog.getByText(/^Done\. configuration [0-9a-f]{8} is in force$/).waitFor({timeout: 30_000});
	await dialog.getByRole('button', {name: 'Close'}).click();
	await card.getByText('the nodes differ (drift)').waitFor();
	t.true(figureIn(await askMetrics(page), answered) >= before, 'histograms go on over the reload');
}

async function makeFilesSame(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	const card = page.getByRole('region', {name: /^Configuration/});
	await card.getByRole('button', {name: "Compare the nodes' files …"}).click();
	const dialog = page.getByRole('dialog', {name: 'Make the files of both nodes the same?'});
	await dialog.getByText('1 file differs', {exact: true}).waitFor();
	t.deepEqual(await dialog.locator('pre .gone, pre .added').allTextContents(), ['-retries 5\n', '+retries 3\n']);
	await dialog.getByLabel('lb1 gets the files of lb2').check();
	await dialog.getByLabel('lb2 gets the files of lb1').check();
	await takePicture(page, 'dashboard-sync.png', false);
	await dialog.getByRole('button', {name: 'Give them to lb2'}).click();
	await dialog.getByText(/^Done\. lb1 and lb2 have the same files; /).waitFor({timeout: 30_000});
	await dialog.getByRole('button', {name: 'Close'}).click();
	await card.getByText('the same on both nodes').waitFor();
	t.is(readFileSync(lab.otherConfigPath, 'utf8'), readFileSync(lab.configPath, 'utf8'));
}

/** Runs in the page: how long after it happened does the newest record appear? Both times are of one clock. */
const noteLateness = `
	globalThis.lateMs = [];
	new MutationObserver(() => {
		const time = document.querySelector('.timeline time')?.getAttribute('datetime');
		if (time) globalThis.lateMs.push(Date.now() - Date.parse(time));
	}).observe(document.querySelector('.timeline'), {childList: true});
`;
const background = 'getComputedStyle(document.body).backgroundColor';

async function moveAddress(t: ExecutionContext, page: Page, lab: Lab): Promise<void> {
	await page.evaluate(noteLateness);
	await page.getByRole('button', {name: 'Move address to lb2'}).click();
	await page.getByRole('button', {name: 'Move it'}).click();
	await page.getByRole('heading', {name: /^lb2 holds 10\.0\.0\.100/}).waitFor();
	await page.getByText('Done.').waitFor();
	await lab.waitForMaster('lb2');
	const newest = page.locator('.timeline > li').first();
	await newest.getByText('planned move').waitFor();
	t.regex((await newest.textContent()) ?? '', /master → backup/);
	const lateMs = await page.evaluate<number>('globalThis.lateMs[0] ?? -1');
	figure(t, 'event on screen after', lateMs);
	t.true(lateMs >= 0 && lateMs < 3000);
}

function askMetrics(page: Page): Promise<string> {
	return page.evaluate<string>("fetch('/metrics').then(answer => answer.text())");
}

/** No such line: NaN. */
function figureIn(text: string, metric: string): number {
	const line = text.split('\n').find(candidate => candidate.startsWith(`${metric} `));
	return Number(line?.slice(metric.length + 1) ?? Number.NaN);
}

/** The figures of a real pair, as Prometheus reads them. */
async function readMetrics(t: ExecutionContext, page: Page): Promise<void> {
	const text = await askMetrics(page);
	const figureOf = (metric: string) => figureIn(text, metric);
	t.true(figureOf('hapair_transaction_seconds_count{backend="web_servers",code="2xx"}') > 50);
	t.is(figureOf('hapair_server_up{backend="web_servers",server="web3"}'), 0);
	t.true(figureOf('hapair_transitions_total{to="backup"}') >= 1);
	t.true(figureOf('hapair_planned_move_age_seconds') < 600);
	t.true(figureOf('hapair_drill_age_seconds') < 600);
	t.is(figureOf('hapair_drills_total{result="passed"}'), 1);
	t.true(figureOf('hapair_loop_delay_seconds{process="heartbeat",of="p99"}') < 5);
	t.true(figureOf('hapair_path_round_trip_seconds{local="10.0.0.11",remote="10.0.0.12"}') >= 0);
	const {status, stderr} = spawnSync('promtool', ['check', 'metrics'], {input: text, encoding: 'utf8'});
	t.deepEqual([status, stderr], [0, '']);
}

/** A phone, both colour schemes, and a daemon that goes away. */
async function seeOtherWays(t: ExecutionContext, page: Page): Promise<void> {
	await page.setViewportSize({width: 390, height: 844});
	const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
	t.false(isWide, 'nothing has to be scrolled sideways on a phone');
	await page.getByLabel('Colours').selectOption('dark');
	await page.locator('html[data-theme=dark]').waitFor();
	const dark = await page.evaluate<string>(background);
	await takePicture(page, 'dashboard-phone.png');
	await page.getByLabel('Colours').selectOption('light');
	await page.locator('html[data-theme=light]').waitFor();
	const light = await page.evaluate<string>(background);
	t.not(dark, light);
	await page.getByRole('button', {name: 'Log out'}).click();
	await page.getByLabel('Admin token').waitFor();
}

/** For the documentation: curves of some length, and the address back where the traffic of this page is. */
async function makePictureWorthy(lab: Lab): Promise<void> {
	await letPassMs(15_000);
	await lab.daemon('lb2').command(['failover']);
	await lab.waitForMaster('lb1');
	await letPassMs(60_000);
}

async function takePicture(page: Page, name: string, fullPage = true): Promise<void> {
	if (pictures !== undefined) await page.screenshot({path: join(pictures, name), fullPage});
}
