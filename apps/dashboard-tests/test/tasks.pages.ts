import test from 'ava';
import { checkLooks, faultsOf, findings, NARROW } from './page.js';
import { hasBrowser, id, opened, shared, sharedWorker, shows } from './world.js';

// It comes first: nothing else is in the cluster yet.
test.serial('an operator finds out why a task does not run, what failed, and mends both', async (t) => {
  if (!hasBrowser(t)) return;
  const { drover, startWorker } = shared();
  const worker = await startWorker('w1');
  const waiting = await drover.submit('resize', { file: 'a.png' }, { queue: 'images' });
  const failed = await drover.submit(
    'fail',
    { message: 'no such order 4711' },
    { queue: 'orders', maxAttempts: 2, retry: { kind: 'constant', delayMs: 10 } },
  );
  await t.throwsAsync(failed.result());

  const page = await opened(t, '/');
  // First sight: who leads, what waits, what needs attention.
  await id(page, 'leader').getByText('s1').waitFor();
  await shows(id(page, 'tile-pending').locator('.value'), '1');
  await shows(id(page, 'tile-failed').locator('.value'), '1');
  t.regex(await id(page, 'oldest-wait').innerText(), /\d/);
  const unserved = id(page, 'attention-type-unserved');
  t.regex(await unserved.innerText(), /resize/);
  await checkLooks(t, page, 'overview');

  // The cure leads to its tasks, and the task says why.
  await unserved.getByRole('link').click();
  await shows(id(page, 'task-count'), '1');
  await id(page, 'task-row')
    .getByRole('link', { name: /resize/ })
    .click();
  await id(page, 'task-state').getByText('pending').waitFor();
  await id(page, 'why-sentence')
    .getByText(/offers the type resize/)
    .waitFor();
  await page.getByRole('tab', { name: 'Payload' }).click();
  t.regex(await id(page, 'payload').innerText(), /a\.png/);
  await checkLooks(t, page, 'a task that waits');

  // Once a worker offers the type, the reason is gone, and the page knows by itself.
  await worker.stop();
  await startWorker('resizer', { handlers: new URL('./resize.handlers.js', import.meta.url).pathname });
  await waiting.result();
  await id(page, 'task-state').getByText('succeeded').waitFor();
  t.is(await id(page, 'attempt-1').getAttribute('data-outcome'), 'succeeded');
  await page.getByRole('tab', { name: 'Result' }).click();
  t.regex(await id(page, 'result').innerText(), /resized/);

  // By keys alone: to the failed task, and retry it.
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await id(page, 'filter').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('state:failed');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  // The list of all tasks stays until that of the filter is there.
  await shows(id(page, 'task-count'), '1');
  await id(page, 'task-row').filter({ hasText: waiting.id }).waitFor({ state: 'detached' });
  await id(page, 'task-row').filter({ hasText: failed.id }).waitFor();
  t.is(await id(page, 'task-row').count(), 1);
  await page.keyboard.press('j');
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It becomes pending').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  t.true(await page.evaluate(`document.activeElement.closest('tr').dataset.key === ${JSON.stringify(failed.id)}`));
  await page.keyboard.press('Enter');
  await id(page, 'task-state').getByText('failed').waitFor();
  await page.getByText('TypeError').first().waitFor();
  t.is(await id(page, 'attempt-1').getAttribute('data-outcome'), 'failed');
  t.is(await id(page, 'attempt-2').getAttribute('data-outcome'), 'failed');
  await checkLooks(t, page, 'a task that failed');
  await page.keyboard.press('r');
  await dialog.getByLabel('Reason').fill('the order is there now');
  await dialog.getByRole('button', { name: 'Retry task' }).click();
  await page.getByTestId('toasts').getByText('pending again').waitFor();
  await id(page, 'task-state').getByText('pending').waitFor();
  await page.getByRole('tab', { name: /Attempts/ }).click();
  await page.getByText('the order is there now').waitFor();
});

test('a bulk action changes as many tasks as its dialog says', async (t) => {
  if (!hasBrowser(t)) return;
  const { url, drover } = shared();
  const count = 1_200;
  const tasks = Array.from({ length: count }, (_, number) => ({ type: 'letter', payload: { number } }));
  for await (const task of drover.submitMany(tasks, { queue: 'letters' })) t.truthy(task.id);
  const page = await opened(t, '/tasks?q=queue:letters');
  await id(page, 'task-count').getByText('1,200').waitFor();
  await checkLooks(t, page, 'tasks');
  await page.getByRole('button', { name: 'Cancel all that match' }).click();
  await id(page, 'bulk-count').getByText('1,200').waitFor();
  const confirm = id(page, 'bulk-confirm');
  t.true(await confirm.isDisabled());
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  t.is(await id(page, 'task-count').getAttribute('data-count'), String(count));

  await page.getByRole('button', { name: 'Cancel all that match' }).click();
  await page.getByLabel('Reason').fill('sent twice');
  t.true(await confirm.isDisabled());
  await page.getByLabel('Type 1,200 to confirm').fill('1200');
  await page.getByLabel('Tasks a second').fill('100000');
  await confirm.click();
  const card = id(page, 'operation');
  await card.getByText('done', { exact: false }).first().waitFor();
  await page.locator('[data-testid=operation][data-state=done]').waitFor();
  t.regex(await card.innerText(), /1,200 done/);
  await page.goto(`${url}/ui/tasks?q=queue:letters state:cancelled`);
  await id(page, 'task-count').getByText('1,200').waitFor();
});

test('a task that waits is changed, and dead letters are moved and purged', async (t) => {
  if (!hasBrowser(t)) return;
  const { url, drover } = shared();
  await sharedWorker();
  const dead = await Promise.all(
    [1, 2, 3].map((each) => drover.submit('reject', each, { queue: each === 3 ? 'dead-images' : 'dead-orders' })),
  );
  for (const task of dead) await t.throwsAsync(task.result());
  const waiting = await drover.submit('letter', {}, { queue: 'changes' });
  const page = await opened(t, `/tasks/${waiting.id}`);
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await dialog.getByText('Nothing would change').waitFor();
  await dialog.getByLabel('not before').check();
  await dialog.getByLabel('From now').fill('1h');
  t.deepEqual(await findings(page), []);
  await dialog.getByRole('button', { name: 'Review' }).click();
  await dialog.getByText('It starts in 1h at the earliest.').waitFor();
  await dialog.getByRole('button', { name: 'Change task' }).click();
  await id(page, 'task-state').getByText('scheduled').waitFor();
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await dialog.getByLabel('Queue').fill('bulk');
  await dialog.getByLabel('Priority').fill('9');
  await dialog.getByRole('button', { name: 'Review' }).click();
  await dialog.getByRole('button', { name: 'Change task' }).click();
  await page.waitForURL((address) => !address.pathname.includes(waiting.id));
  const moved = page.url().split('/').at(-1) ?? '';
  t.like(await drover.get(moved), { queue: 'bulk', priority: 9 });

  const card = page.locator('[data-testid=operation][data-state=done]');
  await page.goto(`${url}/ui/failures?tab=dead&q=queue:dead-orders`);
  await page.getByRole('button', { name: 'Retry in another queue' }).click();
  await dialog.getByLabel('Queue').fill('later');
  await dialog.getByRole('button', { name: 'Count them' }).click();
  await dialog.getByText('will run again in the queue later').waitFor();
  t.is(await id(page, 'bulk-count').getAttribute('data-count'), '2');
  await dialog.getByLabel('Reason').fill('another provider');
  await id(page, 'bulk-confirm').click();
  await card.getByText('2 done').waitFor();
  await card.getByRole('button', { name: 'Close' }).click();

  await page.goto(`${url}/ui/failures?tab=dead&q=queue:dead-images`);
  await page.getByRole('button', { name: 'Purge all that match' }).click();
  await dialog.getByText('will be removed for good').waitFor();
  t.is(await id(page, 'bulk-count').getAttribute('data-count'), '1');
  t.deepEqual(await findings(page), []);
  await dialog.getByLabel('Reason').fill('tidy');
  await id(page, 'bulk-confirm').click();
  await page.getByText('No dead letter fits the filter').waitFor();
  t.deepEqual(faultsOf(page), []);
});

test('on a narrow screen rows are cards, and a task can be cancelled', async (t) => {
  if (!hasBrowser(t)) return;
  const page = await opened(t, '/tasks?q=queue:narrow', { viewport: NARROW, hasTouch: true });
  const task = await shared().drover.submit('letter', {}, { queue: 'narrow' });
  await id(page, 'task-row')
    .getByRole('link', { name: /letter/ })
    .first()
    .click();
  const button = page.getByRole('button', { name: 'Cancel' });
  const box = await button.boundingBox();
  t.true(box !== null && box.height >= 44, 'a finger meets it');
  await button.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel task' }).click();
  await t.throwsAsync(task.result());
  await id(page, 'task-state').getByText('cancelled').waitFor();
});
