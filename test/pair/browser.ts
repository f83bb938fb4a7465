/**
 * A real Chromium on a node of a lab: Debian's, driven by playwright-core, in the node's own namespace, so that 127.0.0.1 is the node's.
 *
 * Decides how it is started (once for all checks of a test) and that whatever the page complains of is kept. Leaves what is looked at to the test.
 */
import {chmodSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Browser, type BrowserContext, chromium, type Page} from 'playwright-core';
import {findTool} from '../lab/tools.ts';

export interface LabBrowser {
	/** A fresh visitor without cookies. */
	visit(options?: Parameters<Browser['newContext']>[0]): Promise<Visitor>;
	close(): Promise<void>;
}

export interface Visitor {
	readonly context: BrowserContext;
	readonly page: Page;
	/** Errors of scripts and of the console, and answers that failed. */
	readonly complaints: readonly string[];
}

/** `directory` takes the small program that enters the namespace. */
export async function startBrowser(namespace: string, directory: string): Promise<LabBrowser> {
	const program = join(directory, 'chromium-in-namespace');
	writeFileSync(program, `#!/bin/sh\nexec ${findTool('ip')} netns exec ${namespace} ${findTool('chromium')} "$@"\n`);
	chmodSync(program, 0o755);
	const browser = await chromium.launch({
		executablePath: program,
		// Tests of a pair run as root, where Chromium has no sandbox; it sees the lab's own pages only.
		args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
		timeout: 30_000,
	});
	return {
		close: () => browser.close(),
		visit: async options => {
			const context = await browser.newContext(options);
			context.setDefaultTimeout(15_000);
			const page = await context.newPage();
			const complaints: string[] = [];
			page.on('pageerror', error => complaints.push(`script: ${error.message}`));
			page.on('console', message => {
				if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`);
			});
			page.on('requestfailed', request => complaints.push(`request: ${request.url()} ${request.failure()?.errorText}`));
			return {context, page, complaints};
		},
	};
}
