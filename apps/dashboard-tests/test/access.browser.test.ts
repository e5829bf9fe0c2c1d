import test from 'ava';
import type { Browser } from 'playwright-core';
import { startChromium } from './chromium.js';
import { startCluster } from './cluster.js';
import { checkLooks, openPage } from './page.js';

let browser: Browser | null = null;
test.before(async () => {
  browser = await startChromium();
});
test.after.always(() => browser?.close());

test('a viewer signs in, sees everything, and is told which role an action needs', async (t) => {
  if (browser === null) {
    t.log('not run: there is no Chromium on this machine');
    t.pass();
    return;
  }
  const { url, drover, startWorker } = await startCluster(t, { apiAuth: 'token' });
  const { secret } = await drover.tokens.create({ name: 'vera', roles: ['viewer'] });
  await startWorker('w1');
  const failed = await drover.submit('reject', {}, { queue: 'orders' });
  await t.throwsAsync(failed.result());

  const page = await openPage(t, browser, `${url}/ui/tasks/${failed.id}`);
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor();
  await checkLooks(t, page, 'sign-in');
  await page.getByLabel('Token').fill(secret);
  await page.keyboard.press('Enter');

  // The page is the one that was asked for.
  await page.getByTestId('task-state').getByText('failed').waitFor();
  t.is(await page.getByTestId('role').innerText(), 'viewer');
  const retry = page.getByRole('button', { name: /Retry/ });
  t.true(await retry.isDisabled());
  t.regex(await retry.innerText(), /needs the role operator or admin/);
  await page.getByRole('tab', { name: 'Payload' }).click();
  await page.getByText(/Payloads are not shown to you.*payloads or admin/).waitFor();
  await page.keyboard.press('r');
  await page
    .getByTestId('toasts')
    .getByText(/needs the role/)
    .waitFor();
  await checkLooks(t, page, 'a task as a viewer');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor();
});
