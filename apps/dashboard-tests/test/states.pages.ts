import { API_THREAD, apiThreadData } from '@drover/api-server';
import { connect } from '@drover/client';
import { resolveSchedulerConfig } from '@drover/config';
import { testZooKeeper, type Teardown } from '@drover/testing';
import test from 'ava';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CDPSession, Page } from 'playwright-core';
import { CLIENT_ID, CLIENT_SECRET, freePort, startProvider } from './oidc-provider.js';
import { checkLooks } from './page.js';
import { hasBrowser, id, opened, shared, sharedWorker } from './world.js';

/** The API beside a scheduler that does not lead, while nobody does; it ends with the test. */
async function apiAlone(t: Teardown, zk: string): Promise<string> {
  const config = resolveSchedulerConfig({
    flags: { zk, id: 'alone', apiListen: '127.0.0.1:0', logLevel: 'silent' },
    env: {},
  });
  if (config.api === null) throw new Error('it listens');
  const identity = { id: 'alone', host: 'test', pid: process.pid, version: '0.0.0-test' };
  const thread = new Worker(API_THREAD, { workerData: apiThreadData(config, config.api, identity) });
  t.teardown(async () => {
    await thread.terminate();
  });
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.on('message', (message: { kind: string; id?: number; url?: string }) => {
      if (message.kind === 'ask') thread.postMessage({ kind: 'answer', id: message.id, answer: null });
      if (message.kind === 'listening' && message.url !== undefined) resolve(message.url);
    });
  });
}

test('while nobody leads, pages say so, tell what the znodes know, and a task can be submitted', async (t) => {
  if (!hasBrowser(t)) return;
  const zk = await testZooKeeper(t);
  const drover = await connect(zk.connect);
  t.teardown(() => drover.close());
  const task = await drover.submit('mail', { to: 'bob' });
  const page = await opened(t, '/', { url: await apiAlone(t, zk.connect) });
  await id(page, 'leader').getByText('No leader').waitFor();
  await id(page, 'attention-no-leader').waitFor();
  await page.getByText('nothing is started until a scheduler leads').waitFor();
  await page.getByRole('link', { name: 'Tasks' }).first().click();
  await page.locator('[data-code=no-leader]').first().waitFor();
  await page.goto(page.url().replace('/tasks', `/tasks/${task.id}`));
  await id(page, 'task-state').getByText('pending').waitFor();
  await id(page, 'why-sentence').getByText(/leads/).waitFor();
  await page.goto(page.url().replace(/\/tasks\/.*/, '/submit'));
  await page.getByLabel('Type').fill('mail');
  await page.getByRole('button', { name: 'Submit and follow' }).click();
  await page.waitForURL(/\/ui\/tasks\//);
  await id(page, 'task-state').getByText('pending').waitFor();
  const submitted = page.url().split('/').at(-1) ?? '';
  t.is((await drover.get(submitted)).state, 'pending');
});

test('below the path of a proxy somebody signs in at the OpenID provider, and comes back to the page', async (t) => {
  if (!hasBrowser(t)) return;
  const { drover, startScheduler } = shared();
  await sharedWorker();
  const task = await drover.submit('echo', 1, { queue: 'signed' });
  await task.result();
  // The provider must know the address of the API, and the API that of the provider.
  const port = await freePort();
  const issuer = await startProvider(t, `http://127.0.0.1:${port}/drover/v1/callback`);
  const secretFile = join(await mkdtemp(join(tmpdir(), 'drover-oidc-')), 'secret');
  await writeFile(secretFile, CLIENT_SECRET, { mode: 0o600 });
  const { stop } = await startScheduler('with-oidc', {
    ...{ apiListen: `127.0.0.1:${port}`, apiBasePath: '/drover', apiAuth: 'oidc', apiOidcIssuer: issuer },
    ...{ apiOidcClientId: CLIENT_ID, apiOidcClientSecretFile: secretFile },
    ...{ apiOidcScopes: 'openid,email,groups', apiOidcRoles: 'admins=admin' },
  });
  t.teardown(stop);
  const page = await opened(t, `/tasks/${task.id}?tab=payload`, { url: `http://127.0.0.1:${port}/drover` });
  await page.getByRole('link', { name: 'Sign in with your organisation' }).click();
  await id(page, 'task-state').getByText('succeeded').waitFor();
  t.is(new URL(page.url()).pathname, `/drover/ui/tasks/${task.id}`);
  await page.getByText('ada@example.com').waitFor();
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  await page.getByRole('link', { name: 'Queues' }).click();
  await page.waitForURL(/\/drover\/ui\/queues$/);
  await page.getByRole('heading', { name: 'Queues' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor();
});

test('events stand still while the page is paused, and go on', async (t) => {
  if (!hasBrowser(t)) return;
  await sharedWorker();
  const page = await opened(t, '/events?topics=failures');
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  const fails = async (message: string) => {
    const task = await shared().drover.submit('fail', { message }, { queue: 'events', maxAttempts: 1 });
    await t.throwsAsync(task.result());
  };
  await fails('the first one');
  await id(page, 'events').getByText('the first one').waitFor();
  await page.keyboard.press('p');
  await page.getByText('Paused: nothing on this page changes by itself.').waitFor();
  await checkLooks(t, page, 'a paused page');
  await fails('the second one');
  t.is(await id(page, 'events').getByText('the second one').count(), 0);
  await page.keyboard.press('p');
  await page.locator('[data-testid=live-state][data-state=live]').waitFor();
  await fails('the third one');
  await id(page, 'events').getByText('the third one').waitFor();
});

const MB = 1024 * 1024;
/** Bytes of the heap, and nodes of the document, after the garbage is gone. */
async function sizeOf(cdp: CDPSession): Promise<{ heap: number; nodes: number }> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes') };
}

/** Shows other tasks in the table so many times. */
const churn = (page: Page, times: number): Promise<unknown> =>
  page.evaluate(`(async () => {
    const select = document.querySelector('.order select');
    for (let n = 0; n < ${times}; n++) {
      const before = document.querySelector('tbody tr')?.dataset.key;
      select.value = n % 2 === 0 ? 'oldest' : 'newest';
      select.dispatchEvent(new Event('change', { bubbles: true }));
      while (document.querySelector('tbody tr')?.dataset.key === before) await new Promise((done) => setTimeout(done, 5));
    }
  })()`);

// Some seconds: what a table leaves behind is seen only after many changes of it.
test('a table whose tasks change 100 times does not grow', async (t) => {
  if (!hasBrowser(t)) return;
  const page = await opened(t, '/settings');
  let n = 0;
  const row = { type: 'mail', queue: 'mail', state: 'running', attempt: 1, maxAttempts: 3, submittedAt: 1 };
  await page.route(/\/v1\/tasks\?/, (route) => {
    const items = Array.from({ length: 50 }, () => ({ ...row, id: `01KAYV9Q3M8R5T7W2X4Z6B8D0F.${n++}` }));
    return route.fulfill({ json: { items, next: null, revision: null, complete: true } });
  });
  await page.goto(`${shared().url}/ui/tasks`);
  await id(page, 'task-row').first().waitFor();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await churn(page, 30);
  const ofOneTable = await page.evaluate(`document.querySelector('tbody').querySelectorAll('*').length`);
  const before = await sizeOf(cdp);
  await churn(page, 100);
  const after = await sizeOf(cdp);
  t.true(after.heap - before.heap < 3 * MB, `the heap grew by ${Math.round((after.heap - before.heap) / 1024)} kB`);
  // The browser may hold the tables before the last one for a while, and never a hundred of them.
  const tables = (after.nodes - before.nodes) / Number(ofOneTable);
  t.true(tables < 20, `it holds ${Math.round(tables)} tables more`);
});
