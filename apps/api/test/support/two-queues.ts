import { flow, type Drover, type Task } from '@drover/client';
import { parseTaskId } from '@drover/core';
import type { Teardown } from '@drover/testing';
import { ApiWorld, type Replica } from './api-world.js';

export const HIDDEN = 'hidden-queue';
export const OWN = 'own-queue';
/** Every name and text of the hidden queue has it. */
export const MARK = 'hidden';

/** A bulk action of somebody who sees all queues, on tasks of the hidden one. */
const BULK = { action: 'retry', filter: `queue:${HIDDEN} state:failed` };

export interface HiddenWorld {
  world: ApiWorld;
  replica: Replica;
  drover: Drover;
  /** Tokens of a caller who sees the own queue only and has every role, and of one who sees all. */
  scoped: string;
  admin: string;
  /** Ids of tasks by what became of them, of both queues. */
  hidden: Readonly<Record<'failed' | 'waiting' | 'held' | 'done' | 'running', string>>;
  own: Readonly<Record<'failed' | 'waiting' | 'moved', string>>;
  /** A run that waits for a signal, in the hidden queue. */
  hiddenRun: string;
  /** An operation on hidden tasks. */
  operation: string;
  /** Texts that the caller must not be shown. */
  marks: readonly string[];
}

/**
 * Two queues in which everything happens that the API tells of: tasks that run, wait, fail with the same error, hold a key of
 * a limit, fires of schedules, a bulk action, and a task of the own queue that was moved to the hidden one.
 */
export async function hiddenWorld(t: Teardown): Promise<HiddenWorld> {
  const world = await ApiWorld.create(t);
  const replica = await world.replica('s1', { apiAuth: 'token' });
  const drover = await world.client();
  const make = (name: string, queues?: string[]): Promise<{ secret: string }> =>
    drover.tokens.create({
      name,
      roles: ['admin', 'operator', 'viewer', 'payloads', 'submitter', 'metrics'],
      ...(queues === undefined ? {} : { queues }),
    });
  // They have the same name: a name is not who somebody is.
  const [{ secret: scoped }, { secret: admin }] = [await make('ada', [OWN]), await make('ada')];
  await world.worker('w1', handlersOf(t), 64);
  await drover.limits.set('shared', { concurrency: 1, per: 'key' });
  const hidden = await fill(drover, HIDDEN);
  const own = await fill(drover, OWN);
  const waiting = flow(`${MARK}-flow`, (f) => {
    f.approve(`${MARK}-step`);
  });
  const { id: hiddenRun } = await drover.start(waiting, null, { queue: HIDDEN });
  const moved = await drover.submit('fail', null, { queue: OWN, maxAttempts: 1 });
  await moved.result().catch(() => undefined);
  await drover.dead.redrive({ filter: `id:${moved.id}`, toQueue: HIDDEN });
  const winner = (await drover.get(moved.id)).supersededBy ?? '';
  const ask = (method: string, path: string, body?: unknown) =>
    replica.send(method, path, body, { authorization: `Bearer ${admin}` });
  await world.until(
    () => ask('GET', '/v1/overview'),
    ({ status, json }) => status === 200 && json.complete,
  );
  await world.until(
    () => ask('GET', `/v1/flows/${hiddenRun}`),
    ({ status }) => status === 200,
  );
  const { json: preview } = await ask('POST', '/v1/bulk/preview', BULK);
  const { token } = preview as unknown as { token: string };
  const { json: operation } = await ask('POST', '/v1/bulk', { token, reason: `${MARK} reason` });
  await world.until(
    () => ask('GET', '/v1/failures/groups'),
    ({ json }) => json.items.some(({ queues }) => queues.includes(HIDDEN) && queues.includes(OWN)),
  );
  await world.until(
    () => ask('GET', '/v1/workers/w1'),
    ({ json }) => (json.tasks as unknown as { task: string }[]).some(({ task }) => task === hidden.running),
  );
  const batches = [...Object.values(hidden), winner, hiddenRun].map((id) => parseTaskId(id)?.batch ?? '');
  return {
    ...{
      world,
      replica,
      drover,
      scoped,
      admin,
      hidden,
      own: { ...own, moved: moved.id },
      operation: operation.id,
      hiddenRun,
    },
    marks: [...batches, MARK],
  };
}

function handlersOf(t: Teardown): object {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  t.teardown(release);
  return {
    echo: (payload: unknown) => payload,
    hold: () => released,
    fail: () => {
      throw new TypeError('it does not work');
    },
  };
}

/** Names and texts of a queue begin with its first word. */
async function fill(drover: Drover, queue: string): Promise<HiddenWorld['hidden']> {
  const word = queue.split('-')[0] ?? '';
  const failed: Task[] = [];
  for (let n = 0; n < 25; n++) failed.push(await drover.submit('fail', `${word} payload`, { queue, maxAttempts: 1 }));
  for (const task of failed) await task.result().catch(() => undefined);
  const done = await drover.submit('echo', `${word} payload`, { queue, key: `${word} key` });
  await done.result();
  const running = await drover.submit('hold', `${word} payload`, { queue, limits: [`shared/${word}-key`] });
  const held = await drover.submit('hold', null, { queue, limits: [`shared/${word}-key`], tenant: `${word}-tenant` });
  await drover.configureQueue(queue, { priority: queue === HIDDEN ? 9 : 0 });
  const waiting = await drover.submit(`${word}-unserved`, null, { queue });
  const run = { type: `${word}-unserved`, queue, payload: `${word} payload` };
  await drover.schedules.set(`${word}-schedule`, { when: { every: '1h' }, run, note: `${word} note` });
  await drover.schedules.trigger(`${word}-schedule`);
  return { failed: failed[0]?.id ?? '', done: done.id, running: running.id, held: held.id, waiting: waiting.id };
}
