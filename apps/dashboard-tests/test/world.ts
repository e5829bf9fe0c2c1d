import test, { type ExecutionContext } from 'ava';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { startChromium } from './chromium.js';
import { startCluster, type Cluster } from './cluster.js';
import { openPage } from './page.js';

/** More would make each slower than a test waits. */
const MOST_PAGES = 3;

let browser: Browser | null = null;
let cluster: Cluster | null = null;
const undone: (() => void | Promise<void>)[] = [];

test.before('a browser and a cluster, for all tests', async () => {
  browser = await startChromium();
  if (browser !== null) cluster = await startCluster({ teardown: (undo) => void undone.unshift(undo) });
});
test.after.always('they end', async () => {
  await browser?.close();
  for (const undo of undone) await undo();
});

/** The cluster that all tests share: a scheduler without access control, and the workers that they start. */
export function shared(): Cluster {
  if (cluster === null) throw new Error('there is no cluster, for there is no Chromium on this machine');
  return cluster;
}

let worker: Promise<unknown> | null = null;
/** Starts the worker that all tests share, once. */
export async function sharedWorker(): Promise<void> {
  worker ??= shared().startWorker('w2', { labels: 'zone=eu-1', concurrency: '8' });
  await worker;
}

/** False: there is no Chromium on this machine, and the test says so. */
export function hasBrowser(t: ExecutionContext): boolean {
  if (browser === null) t.pass('not run: there is no Chromium on this machine');
  return browser !== null;
}

/** A page of the dashboard, of the shared cluster unless `url` names another one. */
export async function opened(
  t: ExecutionContext,
  path: string,
  { url, ...options }: BrowserContextOptions & { url?: string } = {},
): Promise<Page> {
  if (browser === null) throw new Error('there is no Chromium on this machine: ask hasBrowser first');
  await turn(t);
  return openPage(t, browser, `${url ?? shared().url}/ui${path}`, options);
}

let pages = 0;
const waiting: (() => void)[] = [];

/** Waits until there is room for one more page; a test gives it back at its end. */
async function turn(t: ExecutionContext): Promise<void> {
  if (pages >= MOST_PAGES) await new Promise<void>((resolve) => waiting.push(resolve));
  else pages++;
  t.teardown(() => {
    const next = waiting.shift();
    if (next === undefined) pages--;
    else next();
  });
}

export const id = (page: Page, testId: string): Locator => page.getByTestId(testId);
export const toast = (page: Page, text: string | RegExp): Promise<void> =>
  id(page, 'toasts').getByText(text).first().waitFor();
/** Until it shows exactly this. */
export const shows = (element: Locator, text: string): Promise<void> =>
  element.filter({ hasText: new RegExp(`^${text}$`) }).waitFor();
