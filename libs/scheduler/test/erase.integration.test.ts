import { DEFAULT_TASK_OPTIONS } from '@drover/core';
import {
  batchPath,
  decodeBatch,
  encodeBatch,
  encodeRecord,
  ERASE,
  REQUEST_KEY,
  requestKeyPath,
} from '@drover/protocol';
import test from 'ava';
import { World } from './support/world.js';

const RETAIN_NOTHING = { retainMs: 0, retainAtLeastMs: 0, retainTasks: 0, retainDeadTasks: 0 };

/** Everything that is stored of a batch, as text. */
async function stored(world: World, batch: string): Promise<string> {
  const path = batchPath(batch);
  const children = await world.zk.children(path);
  const znodes = await Promise.all(
    [path, ...children.map((name) => `${path}/${name}`)].map((each) => world.zk.get(each)),
  );
  return znodes.map(({ data }) => data.toString()).join('\n');
}

test('a leader that dies while it erases leaves what the next one finishes when it is asked again', async (t) => {
  const world = await World.create(t);
  const first = await world.scheduler('s1');
  const worker = await world.worker('w1', { hold: true, understands: [ERASE] });
  const batch = await world.submitter.submit(3, { maxAttempts: 1 }, 'q');
  const held = await worker.next(({ record }) => record.batch === batch);
  await worker.report(held, [{ from: 0, to: 2, outcome: 'failed' }], 0, false);
  await world.until(async () => ((await world.zk.children(batchPath(batch))).length > 0 ? true : null));
  const task = `${batch}.0`;
  t.like(await world.ask({ kind: 'erase', tasks: [`${batch}.2`] }), { ok: false, tasks: [{ state: 'assigned' }] });
  await world.kill(first);
  // The leader had written the batch anew, and no result yet.
  const path = batchPath(batch);
  const { header } = decodeBatch(path, (await world.zk.get(path)).data);
  const half = encodeBatch({ ...header, erased: [[0, 1]], needs: [ERASE] }, ['null', '{"i":1}', '{"i":2}']);
  await world.zk.set(path, half);
  t.true((await stored(world, batch)).includes('it failed'));
  const second = await world.scheduler('s2');
  t.like(await world.ask({ kind: 'retry', tasks: [task] }), { ok: false, tasks: [{ ok: false, state: 'failed' }] });
  t.like(await world.ask({ kind: 'erase', tasks: [task, `${batch}.1`] }, { by: 'ada' }), { ok: true });
  const text = await stored(world, batch);
  t.false(text.includes('it failed'));
  t.false(text.includes('{"i":1}'));
  t.true(text.includes('{"i":2}'), 'the task that goes on keeps what it needs');
  t.true(await worker.report(held, [{ from: 2, to: 3, outcome: 'failed' }], 1));
  await world.until(() => world.submitter.finished(batch));
  t.true((await stored(world, batch)).includes('{"i":2}'));
  await world.kill(second);
  await world.scheduler('s3');
  t.like(await world.ask({ kind: 'retry', tasks: [task, `${batch}.2`] }), {
    tasks: [{ ok: false, state: 'failed' }, { ok: true }],
  });
});

test('the key of a request goes in the transaction that removes its batch', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', RETAIN_NOTHING);
  const worker = await world.worker('w1', { hold: true, understands: [REQUEST_KEY] });
  const batch = '01KDVDK000ABCDEFGHJKMNPQRS';
  const [requestKey, request] = ['0123abcd', '9f86d081884c7d65'];
  const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 1 }];
  const header = { queue: 'q', count: 1, groups, at: 0, client: 'test', request, requestKey, needs: [REQUEST_KEY] };
  const key = encodeRecord('key', { task: `${batch}.0`, queue: '', key: requestKey });
  await world.zk.multi([
    { op: 'create', path: batchPath(batch), data: encodeBatch(header, ['null']) },
    { op: 'create', path: requestKeyPath(requestKey), data: key },
  ]);
  const held = await worker.next();
  t.not(await world.zk.exists(requestKeyPath(requestKey)), null);
  await worker.succeed(held);
  await world.until(async () => ((await world.zk.exists(batchPath(batch))) === null ? true : null));
  t.is(await world.zk.exists(requestKeyPath(requestKey)), null);
});

test('with a batch only its own key is removed, whatever a hand did to it', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1', RETAIN_NOTHING);
  const worker = await world.worker('w1', { hold: true, understands: [REQUEST_KEY] });
  for (const [n, hasChild] of [false, true].entries()) {
    const batch = `01KDVDK00${n}ABCDEFGHJKMNPQRS`;
    const [requestKey, request] = [`0123abc${n}`, '9f86d081884c7d65'];
    const groups = [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count: 1 }];
    const header = { queue: 'q', count: 1, groups, at: 0, client: 'test', request, requestKey, needs: [REQUEST_KEY] };
    // Another request has the key by now: somebody removed it by hand.
    const path = requestKeyPath(requestKey);
    const others = encodeRecord('key', { task: '01KDVDK000ZZZZZZZZZZZZZZZZ.0', queue: '', key: requestKey });
    await world.zk.multi([
      { op: 'create', path: batchPath(batch), data: encodeBatch(header, ['null']) },
      { op: 'create', path, data: others },
    ]);
    const held = await worker.next(({ record }) => record.batch === batch);
    if (hasChild) {
      const child = `${batchPath(batch)}/strange`;
      await world.zk.create(child, '');
      await world.zk.create(`${child}/below`, '');
    }
    await worker.succeed(held);
    await world.until(async () => ((await world.zk.exists(batchPath(batch))) === null ? true : null));
    t.is(String((await world.zk.get(path)).data), others);
  }
});
