import { flow, type Flow } from '@drover/client';
import test, { type ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { checkLooks, faultsOf } from './page.js';
import { hasBrowser, id, opened, shared, sharedWorker, toast } from './world.js';

/** Somebody answers, somebody signals with a payload, and the last step works from its first retry on. */
const RELEASE: Flow<Record<string, never>> = flow('release', (f) => {
  const list = f.step('list', 'echo', ['a', 'b', 'c']);
  const parsed = f.map('parse', 'works-again', list.items, { maxAttempts: 1, tolerate: 1 });
  const human = f.approve('publish?', { after: parsed });
  const built = f.signal('built', { after: human.yes });
  const published = f.step('publish', 'works-again', { of: built.result as unknown }, { maxAttempts: 1 });
  f.step('discard', 'echo', {}, { after: human.no });
  return published.result;
});

/** Opens the page of a new run. */
async function run(t: ExecutionContext) {
  await sharedWorker();
  const of = await shared().drover.start(RELEASE, {}, { queue: 'releases' });
  return { of, page: await opened(t, `/flows/${of.id}`) };
}

const dialog = (page: Page) => page.getByRole('dialog');
const stateIs = (page: Page, state: string) => id(page, 'run-state').getByText(state, { exact: true }).waitFor();

test('a run of the leader is answered, signalled with a payload, and retried from the step that failed', async (t) => {
  if (!hasBrowser(t)) return;
  const { of, page } = await run(t);
  await id(page, 'ask-publish?').getByRole('button', { name: 'Answer yes' }).click();
  await dialog(page).getByText('It lets built begin').waitFor();
  await dialog(page).getByLabel('Reason').fill('the totals are right');
  await dialog(page).getByRole('button', { name: 'Answer yes' }).click();
  await toast(page, 'publish?: yes');

  await id(page, 'ask-built').getByRole('button', { name: 'Give the signal' }).click();
  await dialog(page).getByLabel('Payload').fill('{"build": 7}');
  await dialog(page).getByRole('button', { name: 'Review' }).click();
  await dialog(page).getByLabel('Reason').fill('built by hand');
  await dialog(page).getByRole('button', { name: 'Give the signal' }).click();
  await toast(page, 'built has its signal');

  // The step fails; it lists its task, which names the step, and leads back.
  await stateIs(page, 'failed');
  await page.goto(`${shared().url}/ui/flows/${of.id}?step=parse`);
  const tasks = id(page, 'step-panel').getByTestId('step-task');
  await tasks.getByText('item 1').waitFor();
  await id(page, 'step-panel').getByRole('button', { name: 'All' }).click();
  await tasks.nth(2).waitFor();
  t.deepEqual(await Promise.all([0, 1, 2].map((at) => tasks.nth(at).getAttribute('data-state'))), [
    'succeeded',
    'failed',
    'succeeded',
  ]);
  await page.goto(`${shared().url}/ui/flows/${of.id}?step=publish`);
  await tasks.getByRole('link').click();
  await id(page, 'task-part').getByText('Step publish of the run').waitFor();
  t.is(await page.getByRole('button', { name: 'Retry' }).count(), 0, 'a step is retried with its run');
  await checkLooks(t, page, 'a task of a run');
  await id(page, 'task-part').getByRole('link').click();

  await id(page, 'step-panel').getByRole('button', { name: 'Retry from this step' }).click();
  await dialog(page).getByRole('button', { name: 'Retry run' }).click();
  await toast(page, 'goes on from publish');
  await stateIs(page, 'succeeded');
  t.deepEqual(await of.result(), { of: { build: 7 } });
  t.deepEqual(faultsOf(page), []);
});

test('a run of the leader is cancelled with a reason, retried from what failed, and rejected', async (t) => {
  if (!hasBrowser(t)) return;
  const { of, page } = await run(t);
  await id(page, 'ask-publish?').waitFor();
  await page.getByRole('button', { name: 'Cancel run' }).click();
  const cancel = dialog(page).getByRole('button', { name: 'Cancel run' });
  t.true(await cancel.isDisabled(), 'a reason is needed');
  await dialog(page).getByLabel('Reason').fill('the wrong day');
  await cancel.click();
  await toast(page, 'is being cancelled');
  await stateIs(page, 'cancelled');
  await id(page, 'run-sentence').getByText('the wrong day').waitFor();

  await page.getByRole('button', { name: 'Retry from failed' }).click();
  await dialog(page).getByRole('button', { name: 'Retry run' }).click();
  await id(page, 'ask-publish?').getByRole('button', { name: 'Answer no' }).click();
  await dialog(page).getByLabel('Reason').fill('not today');
  await dialog(page).getByRole('button', { name: 'Answer no' }).click();
  await stateIs(page, 'succeeded');
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await id(page, 'step-row-discard').getByText('succeeded', { exact: true }).waitFor();
  await id(page, 'step-row-publish').getByText('skipped', { exact: true }).waitFor();
  t.is((await of.tree()).steps['publish?']?.label, 'no');
});
