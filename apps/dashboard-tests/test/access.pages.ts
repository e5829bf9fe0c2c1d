import test from 'ava';
import { checkLooks } from './page.js';
import { hasBrowser, id, opened, shared, sharedWorker, toast } from './world.js';

test('a viewer signs in, sees everything, and is told which role an action needs', async (t) => {
  if (!hasBrowser(t)) return;
  const { drover, startScheduler } = shared();
  // A replica of the same cluster, which asks who comes.
  const { url, stop } = await startScheduler('with-tokens', { apiAuth: 'token' });
  t.teardown(stop);
  const { secret } = await drover.tokens.create({ name: 'vera', roles: ['viewer'] });
  await sharedWorker();
  const failed = await drover.submit('reject', {}, { queue: 'viewed' });
  await t.throwsAsync(failed.result());

  const page = await opened(t, `/tasks/${failed.id}`, { url });
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor();
  await checkLooks(t, page, 'sign-in');
  await page.getByLabel('Token').fill(secret);
  await page.keyboard.press('Enter');

  // The page is the one that was asked for.
  await id(page, 'task-state').getByText('failed').waitFor();
  t.is(await id(page, 'role').innerText(), 'viewer');
  const retry = page.getByRole('button', { name: /Retry/ });
  t.true(await retry.isDisabled());
  t.regex(await retry.innerText(), /needs the role operator or admin/);
  await page.getByRole('tab', { name: 'Payload' }).click();
  await page.getByText(/Payloads are not shown to you.*payloads or admin/).waitFor();
  await page.keyboard.press('r');
  await toast(page, /needs the role/);
  await checkLooks(t, page, 'a task as a viewer');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Drover' }).waitFor();
});
