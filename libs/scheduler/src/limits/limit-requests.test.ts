import { Slices } from '@drover/planner';
import test from 'ava';
import { limitPath } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import type { TermContext } from '../term/term-context.js';
import { LimitRequests, type LimitRequest } from './limit-requests.js';
import { Limits } from './limits.js';

/** The stand-in for a limit that cannot be read says the same. */
const SPEC = { concurrency: 1, rate: null, on: null, per: 'all' as const };
const NEVER = Number.MAX_SAFE_INTEGER;

function* soonFound<Found>(answer: Found): Generator<void, Found> {
  yield;
  return answer;
}

/** A leader that finds the limit `api`, with a fake planner, tree and writer. */
async function play(found: string | null, out = 0, apply: Promise<boolean> = Promise.resolve(true)) {
  const [told, written]: [unknown[][], Operation[]] = [[], []];
  const context = {
    active: () => true,
    ...{ replan: () => undefined, refused: () => undefined, broken: () => undefined },
    clock: { now: () => 100 },
    log: { event: () => undefined },
    metrics: { count: () => undefined },
    zk: {
      capabilities: { multiRead: false },
      children: async () => (found === null ? [] : ['api']),
      get: async () => ({ data: Buffer.from(found ?? ''), stat: { numChildren: 0 } }),
    },
    planner: {
      limit: (...given: unknown[]) => told.push(['limit', ...given]),
      hold: (...given: unknown[]) => told.push(['hold', ...given]),
      reserved: () => undefined,
      limits: () => new Slices(soonFound([{ name: 'api', out, waitingTasks: 0 }])),
    },
    writer: {
      attempt: async (operations: readonly Operation[]) => {
        written.push(...operations);
        return (await apply)
          ? { applied: true, results: [], zxid: 1n }
          : { applied: false, code: 'NO_AUTH', path: '/limits/api' };
      },
    },
  } as unknown as TermContext;
  const limits = new Limits(context);
  await limits.load();
  const requests = new LimitRequests(context, limits);
  const ask = async (request: LimitRequest) => (await requests.act(request, {})).limit;
  return { ask, told, written, limits };
}

const SET = { kind: 'set-limit', name: 'api', spec: SPEC } as const;
const HOLD = { kind: 'hold-limit', limit: 'api', ms: 1_000 } as const;
const REMOVE = { kind: 'remove-limit', name: 'api' } as const;

test('a limit that cannot be read is not held; set anew, even as its stand-in, it is written without a hold', async (t) => {
  const { ask, told, written } = await play('{"v":1,"revision":');
  t.deepEqual(told.splice(0), [
    ['limit', 'api', SPEC],
    ['hold', 'api', null, NEVER],
  ]);
  for (const ms of [1_000, 0])
    t.like(await ask({ ...HOLD, ms }), { ok: false, message: 'its record cannot be read: set it anew' });
  t.deepEqual(written, []);

  t.like(await ask(SET), { ok: true, change: 'changed', revision: 1 });
  const [{ op, path, data } = {} as never] = written as (Operation & { op: 'set' })[];
  t.deepEqual([op, path], ['set', limitPath('api')]);
  t.deepEqual(JSON.parse(String(Buffer.from(data as Uint8Array))), {
    ...{ v: 1, revision: 1, spec: SPEC, changedBy: { at: 100 } },
  });
  t.deepEqual(told.splice(0), [
    ['limit', 'api', SPEC],
    ['hold', 'api', null, 0],
  ]);
  t.like(await ask(SET), { ok: true, change: 'unchanged', revision: 1 });
  t.like(await ask(HOLD), { ok: true, change: 'held' });
  t.like(await ask({ ...SET, spec: { ...SPEC, concurrency: 2 } }), { ok: true, change: 'changed', revision: 2 });
  t.deepEqual(told, [
    ['hold', 'api', null, 1_100],
    ['limit', 'api', { ...SPEC, concurrency: 2 }],
  ]);
});

test('a limit that cannot be read can be removed; a record of a later version is left as it is', async (t) => {
  const invalid = await play('nonsense');
  t.like(await invalid.ask(REMOVE), { ok: true, change: 'removed' });
  const newer = await play('{"v":99}');
  for (const request of [SET, HOLD, REMOVE, { ...REMOVE, ifRevision: 1 }, { ...REMOVE, force: true }]) {
    const answer = await newer.ask(request);
    t.false(answer?.ok);
    t.regex(answer?.message ?? '', /^\/limits\/api: .*version/);
  }
  t.deepEqual(newer.written, []);
});

test('a refusal shows the name that was given, and says what removes a limit in use', async (t) => {
  const { ask } = await play(JSON.stringify({ v: 1, revision: 1, spec: SPEC, changedBy: { at: 0 } }), 2);
  t.is((await ask({ ...SET, name: 'a b' }))?.message, "'a b' is no name of a limit");
  t.is((await ask(REMOVE))?.message, 'it is in use, 2 out; it is removed only with force');
  t.like(await ask({ ...REMOVE, force: true }), { ok: true });
});

const RECORD = JSON.stringify({ v: 1, revision: 1, spec: SPEC, changedBy: { at: 0 } });

test('a limit holds until its removal is durable, and goes on holding where it is refused', async (t) => {
  for (const applied of [true, false]) {
    let answer = (_applied: boolean): void => undefined;
    const { ask, told, written, limits } = await play(RECORD, 0, new Promise((resolve) => (answer = resolve)));
    told.length = 0;
    const removed = ask(REMOVE);
    // A reservation that is asked for meanwhile is not written before the removal.
    limits.reserve({ kind: 'reserve', limit: 'api', shard: 0, keys: [] });
    while (written.length === 0) await Promise.resolve();
    t.deepEqual(told, []);
    t.deepEqual(
      written.map(({ op }) => op),
      ['delete'],
    );
    t.not(limits.get('api'), undefined);
    answer(applied);
    t.like(await removed, { ok: applied });
    t.deepEqual(told, applied ? [['limit', 'api', null]] : []);
    t.is(limits.get('api') === undefined, applied);
  }
});

test('a removal that is repeated because its answer was lost is answered as done', async (t) => {
  const { limits } = await play(null);
  const requests = new LimitRequests({} as TermContext, limits);
  t.like(await requests.act(REMOVE, {}, true), { limit: { ok: true, change: 'removed' } });
  t.like(await requests.act(REMOVE, {}), { limit: { ok: false, code: 'unknown' } });
});
