import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Page } from 'playwright-core';
import { checkLooks, faultsOf, findings, NARROW } from './page.js';
import { asking, bigMap, manySteps, record, type Recorded } from './recorded-runs.js';
import { hasBrowser, id, opened, shared } from './world.js';

const scaleOf = (page: Page): Promise<number> =>
  page.evaluate<number>(`new DOMMatrix(getComputedStyle(document.querySelector('.flow-field')).transform).a`);

/** A page that is told the given runs. Null: there is no Chromium on this machine, and the test says so. */
async function told(t: ExecutionContext, path: string, runs: readonly Recorded[]): Promise<Page | null> {
  if (!hasBrowser(t)) return null;
  const page = await opened(t, '/settings');
  await record(page, runs);
  await page.goto(`${shared().url}/ui${path}`);
  return page;
}

test('runs are listed and counted; a run says first who has to answer, and takes the answer with a reason', async (t) => {
  const run = asking();
  const page = await told(t, '/flows', [run, bigMap()]);
  if (page === null) return;
  await id(page, 'flow-row-nightly').waitFor();
  await id(page, 'run-row').nth(1).waitFor();
  t.is(await id(page, 'run-row').count(), 2);
  await checkLooks(t, page, 'flows');
  await id(page, 'run-row')
    .getByRole('link', { name: /nightly/ })
    .click();

  await id(page, 'run-sentence').getByText('publish? waits for an answer').waitFor();
  const asked: unknown[] = [];
  await page.route(/\/signal$/, (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ json: { run: run.run.run, ok: true } });
  });
  await id(page, 'ask-publish?').getByRole('button', { name: 'Answer yes' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It lets publish begin').waitFor();
  const answer = dialog.getByRole('button', { name: 'Answer yes' });
  t.true(await answer.isDisabled(), 'a reason is needed');
  await dialog.getByLabel('Reason').fill('the totals are right');
  await answer.click();
  await id(page, 'toasts').getByText('publish?: yes').waitFor();
  t.deepEqual(asked, [{ step: 'publish?', answer: 'yes', reason: 'the totals are right' }]);

  await page.getByRole('button', { name: 'Fit' }).click();
  await page.locator('[data-step=parse]').click();
  await id(page, 'step-panel').getByText('10,000 of 10,000, 12 failed').first().waitFor();
  const tasks = id(page, 'step-panel').getByRole('link');
  await tasks.nth(2).waitFor();
  t.is(await tasks.count(), 3, 'its tasks');
  await checkLooks(t, page, 'a run');
});

test('a graph of 300 steps is used by keys alone, and a narrow screen shows a list', async (t) => {
  const run = manySteps();
  const page = await told(t, `/flows/${run.run.run}`, [run]);
  if (page === null) return;
  await page.locator('[data-step=sum]').waitFor({ state: 'attached' });
  t.is(await page.locator('[data-step]').count(), 300);
  const first = await scaleOf(page);
  t.true(first > 0.5, `names can be read at first: ${first}`);

  // The failed step is where Tab comes to; arrows go on from it, and Enter opens the one that is reached.
  await id(page, 'flow-graph').focus();
  await page.keyboard.press('0');
  t.true((await scaleOf(page)) < first, 'all of it');
  await page.keyboard.press('+');
  await page.keyboard.press('Tab');
  t.is(await page.evaluate('document.activeElement.dataset.step'), 'r4-7');
  await page.keyboard.press('ArrowLeft');
  t.is(await page.evaluate('document.activeElement.dataset.step'), 'r4-6');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await id(page, 'step-panel').getByText('the region does not answer').waitFor();
  t.deepEqual(await findings(page), []);
  await page.keyboard.press('Escape');
  await id(page, 'step-panel').waitFor({ state: 'detached' });
  t.is(await page.evaluate('document.activeElement.dataset.step'), 'r4-7', 'the focus is where it was');

  await page.setViewportSize(NARROW);
  await id(page, 'step-row-r4-7').waitFor();
  t.is(await page.locator('tbody tr').first().getAttribute('data-testid'), 'step-row-r4-7', 'what failed stands first');
  await checkLooks(t, page, 'a run of 300 steps');
});

test('a graph is dragged, and zoomed by a wheel with Ctrl; a map of 100,000 is one box', async (t) => {
  const run = bigMap();
  const page = await told(t, `/flows/${run.run.run}`, [run]);
  if (page === null) return;
  const box = page.locator('[data-step=resize]');
  await box.getByText('81,204 of 100,000, 37 failed').waitFor();
  const room = await id(page, 'flow-graph').boundingBox();
  const before = await box.boundingBox();
  if (room === null || before === null) return t.fail('they are there');
  await page.mouse.move(room.x + 20, room.y + 20);
  await page.mouse.down();
  await page.mouse.move(room.x + 60, room.y + 50);
  await page.mouse.up();
  const after = await box.boundingBox();
  t.deepEqual([Math.round((after?.x ?? 0) - before.x), Math.round((after?.y ?? 0) - before.y)], [40, 30]);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -120);
  await page.keyboard.up('Control');
  await page.waitForFunction(
    `new DOMMatrix(getComputedStyle(document.querySelector('.flow-field')).transform).a > 1.2`,
  );
  await box.click();
  await id(page, 'step-panel').getByText('map resize for each item of list, 500 at a time').waitFor();
  await checkLooks(t, page, 'a map');
  t.deepEqual(faultsOf(page), []);
});
