import test from 'ava';
import type { Page } from 'playwright-core';
import type { Cluster } from './cluster.js';
import { faultsOf, findings, NARROW, WIDE } from './page.js';
import { hasBrowser, id, opened, shared, sharedWorker, toast } from './world.js';

async function fill({ drover }: Cluster): Promise<void> {
  await sharedWorker();
  await drover.limits.set('stripe', { rate: '100/1s', concurrency: 5, per: 'key' });
  await drover.schedules.set('nightly', {
    when: { cron: '30 2 * * *', tz: 'Europe/Berlin' },
    run: { type: 'echo', payload: 1 },
  });
  await drover.accounts.set('search', { weight: 3, guarantee: { slots: 1 }, limit: { cpu: 100 } });
  await drover.resources.set('licence.x', { total: 20 });
  await drover.submit('echo', 1, { queue: 'large', resources: { gpu: 8 }, where: { zone: 'nowhere' } });
  await drover.configureQueue('mail', { priority: 1 });
  await drover.pauseQueue('mail', { by: 'ada', reason: 'the provider is down' });
  await drover.submit('echo', { to: 'bob' }, { queue: 'mail' });
  await drover.submit('hold', {}, { queue: 'long', limits: ['stripe/acme'] });
  await (await drover.group('echo', { onEnd: { type: 'echo' } })).submitMany([1]);
  await drover.broadcast('echo', { cache: 'all' }, { joiners: '1h' });
  const failed = await drover.submit('reject', {}, { queue: 'orders' });
  await failed.result().catch(() => undefined);
}

let filling: Promise<void> | null = null;
/** A page of the cluster once there is something on each screen. */
async function filled(...[t, path, options]: Parameters<typeof opened>): Promise<Page | null> {
  if (!hasBrowser(t)) return null;
  filling ??= fill(shared());
  await filling;
  return opened(t, path, options);
}

/** Screens with something that is on each of them once it has all its data. */
const SCREENS: readonly (readonly [path: string, shown: string])[] = [
  ['/failures', '[data-testid=failure-group]'],
  ['/failures?tab=entries', 'tbody tr'],
  ['/failures?tab=dead', 'tbody tr'],
  ['/queues', '[data-testid=queue-row-mail]'],
  ['/queues/mail', 'text=the provider is down'],
  ['/workers', '[data-testid=worker-row-w2]'],
  ['/workers/w2', 'text=Types that it offers'],
  ['/capacity', '[data-testid=account-row-search]'],
  ['/schedules', '[data-testid=schedule-row-nightly]'],
  ['/schedules/nightly', '.calendar .fires'],
  ['/limits', '[data-testid=limit-row-stripe]'],
  ['/limits/stripe', '[data-testid=limit-key-acme]'],
  ['/flows?view=groups', '[data-testid=group-row]'],
  ['/broadcasts', '[data-testid=broadcast-row]'],
  ['/cluster', '[data-testid=scheduler-row-s1]'],
  ['/events', '.chips'],
  ['/audit', 'tbody tr, .empty'],
  ['/submit', '[data-testid=snippet]'],
  ['/settings', 'text=Time zone'],
  ['/api', '.api-head'],
];

async function faultsOfLooks(page: Page): Promise<string[]> {
  const faults: string[] = [];
  if ((await page.locator('h1').count()) !== 1) faults.push('it has not one heading of the first level');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    faults.push(...(await findings(page)).map((finding) => `${colorScheme}: ${finding}`));
  }
  await page.setViewportSize(NARROW);
  const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  if (width > 0) faults.push(`it is ${width} pixels too wide for a narrow screen`);
  await page.setViewportSize(WIDE);
  return faults;
}

test.serial('every screen is readable in both themes, and fits a narrow screen', async (t) => {
  const page = await filled(t, '/queues');
  if (page === null) return;
  const faults: string[] = [];
  for (const [path, shown] of SCREENS) {
    await page.goto(`${shared().url}/ui${path}`);
    await page.locator(shown).first().waitFor();
    faults.push(...(await faultsOfLooks(page)).map((fault) => `${path}: ${fault}`));
  }
  t.deepEqual([...faults, ...faultsOf(page)], []);
});

test.serial('whoever looks finds who paused a queue and why, resumes it, and takes a pause back', async (t) => {
  const page = await filled(t, '/');
  if (page === null) return;
  await id(page, 'attention-queue-paused').getByRole('link').first().click();
  await page.waitForURL(/\/ui\/queues\/mail/);
  const sentence = id(page, 'queue-sentence');
  await sentence.getByText(/Paused by ada.*the provider is down/s).waitFor();

  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume queue' }).click();
  await toast(page, 'Queue mail is resumed');
  await page.getByRole('button', { name: 'Pause' }).last().click();
  const dialog = page.getByRole('dialog');
  const pause = dialog.getByRole('button', { name: 'Pause queue' });
  t.true(await pause.isDisabled(), 'a reason is needed');
  t.is(await page.evaluate('document.activeElement.textContent'), 'Keep as it is');
  await dialog.getByLabel('Reason').fill('a second look');
  await pause.click();
  await sentence.getByText('a second look').waitFor();
  const mail = (await shared().drover.queues()).find(({ name }) => name === 'mail');
  t.is(mail?.pausedBy?.reason, 'a second look');
  await id(page, 'toasts').getByRole('button', { name: 'Undo' }).last().click();
  await toast(page, 'Taken back');
  t.false((await shared().drover.queues()).find(({ name }) => name === 'mail')?.paused ?? false);
});

test.serial('settings of a queue are changed with before and after, and a reason', async (t) => {
  const page = await filled(t, '/queues/mail');
  if (page === null) return;
  await page.getByRole('button', { name: 'Settings' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Weight').fill('heavy');
  await dialog.getByText("'heavy' is not a number above 0").waitFor();
  await dialog.getByLabel('Weight').fill('3');
  await dialog.getByRole('button', { name: 'Review' }).click();
  t.deepEqual(await dialog.locator('tbody tr').allInnerTexts(), ['Weight\t1\t3']);
  await dialog.getByLabel('Reason').fill('more mail');
  await dialog.getByRole('button', { name: 'Change settings' }).click();
  await toast(page, 'Settings of queue mail are changed');
  await page.getByText('more mail').waitFor();
  t.is((await shared().drover.queues()).find(({ name }) => name === 'mail')?.weight, 3);
});

test.serial('a worker is drained, and gets tasks again', async (t) => {
  const page = await filled(t, '/workers');
  if (page === null) return;
  await id(page, 'worker-row-w2').getByRole('link').click();
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('a new disk');
  await page.getByRole('dialog').getByRole('button', { name: 'Drain worker' }).click();
  await id(page, 'worker-sentence')
    .getByText(/draining.*a new disk/s)
    .waitFor();
  await page.getByRole('button', { name: 'Undrain' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undrain worker' }).click();
  await toast(page, 'Worker w2 gets tasks again');
  t.is((await shared().drover.status()).workers.find(({ name }) => name === 'w2')?.state, 'accepting');
});

test.serial('a schedule is triggered, and its fire is a task', async (t) => {
  const page = await filled(t, '/schedules/nightly');
  if (page === null) return;
  await page.getByText('02:30 every day, Europe/Berlin').waitFor();
  await page.getByRole('button', { name: 'Trigger' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Trigger now' }).click();
  await toast(page, /Schedule nightly fired: task/);
  await page.getByText('succeeded').first().waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('the clock was wrong');
  await page.getByRole('dialog').getByRole('button', { name: 'Reset schedule' }).click();
  await toast(page, 'Schedule nightly is reset');
  await page.getByRole('button', { name: 'Back-fill' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Review' }).click();
  await id(page, 'backfill-count').waitFor();
  await page.keyboard.press('Escape');
  t.is((await shared().drover.schedules.backfills('nightly')).length, 0, 'a dry run makes nothing');
});

test.serial('a key of a limit is held for a while', async (t) => {
  const page = await filled(t, '/limits/stripe');
  if (page === null) return;
  await id(page, 'limit-key-acme').getByRole('button', { name: 'Hold' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('For how long').fill('10m');
  await dialog.getByRole('button', { name: 'Review' }).click();
  await dialog.getByLabel('Reason').fill('429');
  await dialog.getByRole('button', { name: 'Hold' }).click();
  await toast(page, 'stripe/acme is held for 10 min');
  await id(page, 'limit-key-acme')
    .getByText(/ends in/)
    .waitFor();
  t.not((await shared().drover.limits.get('stripe')).keys.find(({ key }) => key === 'acme')?.heldUntil ?? null, null);
});

test.serial('a task is submitted and followed', async (t) => {
  const page = await filled(t, '/submit');
  if (page === null) return;
  await page.getByLabel('Type').fill('echo');
  await id(page, 'payload').fill('{ "to": }');
  await page.getByText("Line 1, column 9: '}' does not belong here").waitFor();
  t.true(await page.getByRole('button', { name: 'Submit and follow' }).isDisabled());
  await id(page, 'payload').fill('{ "to": "carol" }');
  await page.getByLabel('Max attempts').fill('5');
  t.is(
    await id(page, 'snippet').innerText(),
    `drover submit echo \\\n  --payload '{"to":"carol"}' \\\n  --max-attempts 5`,
  );
  await page.getByRole('button', { name: 'Submit and follow' }).click();
  await page.waitForURL(/\/ui\/tasks\//);
  await id(page, 'task-state').getByText('succeeded').waitFor();
});

test.serial('failures of a group are retried from their screen', async (t) => {
  const page = await filled(t, '/failures');
  if (page === null) return;
  const group = id(page, 'failure-group').filter({ hasText: 'the order does not exist' });
  await group.getByRole('button', { name: 'Show' }).click();
  await group.getByText('Stack of the newest failure').or(group.locator('pre')).first().waitFor();
  await group.getByRole('button', { name: 'Retry' }).click();
  t.is(await id(page, 'bulk-count').getAttribute('data-count'), '1');
  await page.getByRole('dialog').getByLabel('Reason').fill('the order is there');
  await id(page, 'bulk-confirm').click();
  await page.locator('[data-testid=operation][data-state=done]').waitFor();
});

test.serial('the palette goes to a queue by keys alone, and lists the keys', async (t) => {
  const page = await filled(t, '/');
  if (page === null) return;
  // Keys count from when the page is there.
  await id(page, 'leader').getByText('s1').waitFor();
  await page.keyboard.press('Control+k');
  await id(page, 'palette').getByRole('combobox').waitFor();
  await page.keyboard.type('queue mail');
  await id(page, 'palette').getByRole('option', { name: 'Queue mail' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/ui\/queues\/mail/);
  await page.keyboard.press('?');
  await id(page, 'help').getByText('go to a task, queue, worker or screen').waitFor();
  await page.keyboard.press('Escape');
  await id(page, 'help').waitFor({ state: 'detached' });
  t.is(await page.locator('h1').innerText(), 'Queue mail');
});

test.serial('on a narrow screen a queue is paused by touch', async (t) => {
  const page = await filled(t, '/queues/orders', { viewport: NARROW, hasTouch: true });
  if (page === null) return;
  const button = page.getByRole('button', { name: 'Pause' }).last();
  const box = await button.boundingBox();
  t.true(box !== null && box.height >= 44, 'a finger meets it');
  await button.click();
  await page.getByRole('dialog').getByLabel('Reason').fill('too many');
  await page.getByRole('dialog').getByRole('button', { name: 'Pause queue' }).click();
  await id(page, 'queue-sentence').getByText('too many').waitFor();
});

test.serial('a broadcast is looked at with its result at each worker, and cancelled', async (t) => {
  const page = await filled(t, '/broadcasts');
  if (page === null) return;
  await id(page, 'broadcast-row').getByRole('link').first().click();
  await id(page, 'reached-w2').getByText('succeeded').waitFor();
  await id(page, 'reached-w2').getByText('{"cache":"all"}').waitFor();
  await page.getByRole('button', { name: 'Cancel broadcast' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('one is enough');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel broadcast' }).click();
  await id(page, 'broadcast-sentence').getByText('It was cancelled.').waitFor();
  await id(page, 'reached-w2').getByRole('link').click();
  await id(page, 'task-part').getByText('Part of the broadcast').waitFor();
  t.deepEqual(faultsOf(page), []);
});
