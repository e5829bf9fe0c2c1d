import { planText } from '@drover/flow';
import { planHash, planPath } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import test from 'ava';
import type { TermContext } from '../term/term-context.js';
import { Plans } from './plans.js';

const TEXT = planText({ v: 1, name: 'f', steps: { a: { kind: 'task', type: 'x', input: null } } });
const PLAN = planHash(TEXT);
const PATH = planPath(PLAN);

/** A ZooKeeper with one plan; `meanwhile`: what others do between the two steps of a removal. */
function worldWith(
  version: number | null,
  meanwhile: (world: { version: number | null; used: boolean }) => void = () => undefined,
) {
  const world = { version, used: false, sent: [] as string[], learned: [] as string[] };
  const get = (): Promise<unknown> =>
    Promise.resolve({ data: new TextEncoder().encode(TEXT), stat: { version: world.version } });
  const attempt = ([operation]: readonly Operation[]): Promise<unknown> => {
    if (operation === undefined) throw new Error('nothing is to be written');
    const { op } = operation;
    const expected = 'version' in operation ? operation.version : undefined;
    world.sent.push(`${op} ${expected ?? ''}`.trim());
    if (op === 'create') {
      if (world.version !== null) return Promise.resolve({ applied: false, code: 'NODE_EXISTS', path: PATH });
      world.version = 0;
    } else if (world.version !== expected) return Promise.resolve({ applied: false, code: 'BAD_VERSION', path: PATH });
    else world.version = op === 'delete' ? null : world.version + 1;
    return Promise.resolve({ applied: true, zxid: 1n });
  };
  const context = {
    ...{ zk: { get }, writer: { attempt }, active: () => true, clock: { now: () => 0 } },
    refused: ({ code }: { code: string }) => world.sent.push(`refused ${code}`),
  } as unknown as TermContext;
  const plans: Plans = new Plans(context, {
    isUsed: (plan) => world.used || plans.isWanted(plan),
    isKnown: () => world.learned.length > 0,
    learn: (plan) => world.learned.push(plan),
    flowsRead: () => {
      meanwhile(world);
      return Promise.resolve();
    },
  });
  return { world, plans };
}

test('a plan that nobody uses is condemned, and then removed', async (t) => {
  const { world, plans } = worldWith(0);
  await plans.remove(PLAN);
  t.deepEqual(world.sent, ['set 0', 'delete 1']);
  t.is(world.version, null);
});

test('a plan that an earlier leader has condemned is condemned again', async (t) => {
  const { world, plans } = worldWith(1);
  await plans.remove(PLAN);
  t.deepEqual(world.sent, ['set 1', 'delete 2']);
});

test('a flow that was created before the plan was condemned keeps it', async (t) => {
  const { world, plans } = worldWith(0, (each) => (each.used = true));
  await plans.remove(PLAN);
  t.deepEqual(world.sent, ['set 0']);
  t.deepEqual(world.learned, [PLAN], 'the book, which had forgotten it, knows it again');
});

test('a flow that is created afterwards makes the plan anew, and that stays', async (t) => {
  const { world, plans } = worldWith(0, (each) => (each.version = 0));
  await plans.remove(PLAN);
  t.deepEqual(world.sent, ['set 0', 'delete 1'], 'the refusal is no trouble that anybody is told of');
  t.is(world.version, 0);
});

test('a schedule that is about to name the plan keeps it, whether it is there, or just went', async (t) => {
  const { world, plans } = worldWith(0);
  await plans.use({ texts: [], hashes: [PLAN] }, async (refusal) => {
    t.is(refusal, null);
    await plans.remove(PLAN);
  });
  t.is(world.version, 0);
  world.learned.length = 0;
  await plans.remove(PLAN);
  t.is(world.version, null);
  await plans.use({ texts: [TEXT], hashes: [] }, async (refusal) => {
    t.is(refusal, null);
    await plans.remove(PLAN);
  });
  t.is(world.version, 0);
});

test('a plan that cannot be run is refused before anything is written', async (t) => {
  const { world, plans } = worldWith(null);
  await plans.use({ texts: ['{"v":1}'], hashes: [] }, (refusal) => {
    t.regex(refusal ?? '', /name/);
    return Promise.resolve();
  });
  t.deepEqual(world.sent, []);
});
