import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
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

test.serial('The dashboard in a real browser: login, live figures, a dead server, a move by button', async t => {
	await buildDashboard(esbuild, join(root, 'packages/cli/dist/dashboard'));
	await withPair(t, {interMs: 200}, async lab => {
		const browser = await startBrowser(lab.network.namespaceOf('lb1'), lab.directory);
		try {
			const clients = await lab.probeClients({perSecond: 50});
			const visitor = await browser.visit({viewport: {width: 1280, height: 1000}});
			await refuseWithoutLogin(t, visitor);
			await logIn(t, visitor, lab);
			await seeServerDie(t, visitor.page, lab);
			await drainServer(t, visitor.page, lab);
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
});

/** Nothing is shown, and nothing can be ordered, before the login. */
async function refuseWithoutLogin(t: ExecutionContext, {page, complaints}: Visitor): Promise<void> {
	await page.goto(url);
	await page.getByLabel('Admin token').waitFor();
	const paintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1);
	figure(t, 'first paint', Math.round(paintMs));
	t.true(paintMs >= 0 && paintMs < 5000);
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
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.locator('[data-server="web_servers/web2"] .pill').getByText('DRAIN').waitFor();
	t.is(await lab.serverStatus('lb1', 'web2'), 'DRAIN');
	await page.getByRole('button', {name: 'Put web_servers/web2 back'}).press('Enter');
	await page.locator('[data-server="web_servers/web2"] .pill').getByText(/^UP/).waitFor();
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

/** The figures of a real pair, as Prometheus reads them. */
async function readMetrics(t: ExecutionContext, page: Page): Promise<void> {
	const text = await page.evaluate<string>("fetch('/metrics').then(answer => answer.text())");
	const figureOf = (metric: string) =>
		Number(
			text
				.split('\n')
				.find(line => line.startsWith(`${metric} `))
				?.split(' ')
				.at(-1),
		);
	t.true(figureOf('hapair_transaction_seconds_count{backend="web_servers",code="2xx"}') > 50);
	t.is(figureOf('hapair_server_up{backend="web_servers",server="web3"}'), 0);
	t.true(figureOf('hapair_transitions_total{to="backup"}') >= 1);
	t.true(figureOf('hapair_drill_age_seconds') < 600);
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

async function takePicture(page: Page, name: string): Promise<void> {
	if (pictures !== undefined) await page.screenshot({path: join(pictures, name), fullPage: true});
}
