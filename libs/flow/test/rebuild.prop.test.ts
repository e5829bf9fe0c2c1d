import fc from 'fast-check';
import test from 'ava';
import type { Edge, Plan, Step } from '../src/index.js';
import { World } from './world.js';

/** Plans of tasks, sleeps, signals and empty maps: each step waits for some of those before it. */
const steps = fc
  .array(
    fc.record({
      kind: fc.constantFrom('task', 'task', 'task', 'sleep', 'signal', 'map'),
      edges: fc.array(
        fc.record({ back: fc.integer({ min: 1, max: 4 }), on: fc.constantFrom('succeeded', 'failed', 'ended') }),
        { maxLength: 3 },
      ),
      isAny: fc.boolean(),
      mayFail: fc.boolean(),
      isFinally: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((given): Plan['steps'] =>
    Object.fromEntries(
      given.map(({ kind, edges, isAny, mayFail, isFinally }, at): [string, Step] => {
        const unique = new Map(
          edges
            .filter(({ back }) => back <= at)
            .map(({ back, on }): [string, Edge] => [
              `${at - back}${on}`,
              { step: `s${at - back}`, on: on as 'succeeded' },
            ]),
        );
        const list = [...unique.values()];
        const common = {
          ...(list.length === 0 ? {} : { after: isAny ? { any: list } : { all: list } }),
          ...(mayFail ? { mayFail: true as const } : {}),
          ...(isFinally === 0 ? { finally: true as const } : {}),
        };
        if (kind === 'sleep') return [`s${at}`, { ...common, kind, ms: 50 }];
        if (kind === 'signal') return [`s${at}`, { ...common, kind, answers: ['yes', 'no'], timeoutMs: 120 }];
        if (kind === 'map') return [`s${at}`, { ...common, kind, type: 'work', items: { given: true } }];
        return [`s${at}`, { ...common, kind: 'task', type: 'work', input: null }];
      }),
    ),
  );

const action = fc.record({
  kind: fc.constantFrom('end', 'end', 'end', 'end', 'turn', 'time', 'signal', 'cancel', 'retry', 'takeover', 'crash'),
  pick: fc.nat(1_000),
  how: fc.constantFrom('succeeded', 'succeeded', 'failed', 'cancelled'),
});
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function shuffled(seed: number): <Item>(items: Item[]) => Item[] {
  return (items) =>
    items
      .map((item, at) => ({ item, key: ((at + 1) * 7_919 * (seed + 1)) % 104_729 }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
}

function act(world: World, runs: [string, number][], { kind, pick, how }: Action): void {
  const [flow = '', run = 0] = runs[pick % runs.length] ?? [];
  const names = Object.keys(world.view(flow, run).steps);
  const step = names[pick % names.length] ?? '';
  if (kind === 'end') {
    const tasks = world.runnable();
    const task = tasks[pick % Math.max(1, tasks.length)];
    if (task !== undefined) world.end(task.batch, task.index, how);
  } else if (kind === 'turn') world.turn();
  else if (kind === 'time') world.turn(world.now + 30);
  else if (kind === 'signal') world.book.signal({ flow, run }, step, { answer: 'yes', payload: null }, world.now);
  else if (kind === 'cancel') world.book.cancel([{ flow, run }], pick % 3 === 0 ? { force: true } : {}, world.now);
  else if (kind === 'retry') world.book.retry([{ flow, run }], pick % 2 === 0 ? {} : { from: step }, world.now);
  else if (kind === 'crash') {
    world.turn(world.now, pick % 4);
    world.takeOver(shuffled(pick));
  } else {
    world.settle();
    const before = runs.map(([id, at]) => world.states(id, at));
    world.takeOver(shuffled(pick));
    const after = runs.map(([id, at]) => world.states(id, at));
    if (JSON.stringify(before) !== JSON.stringify(after))
      throw new Error(`rebuilt differs:\n${before.join('\n')}\n${after.join('\n')}`);
    const decided = world.turn();
    if (decided.some(({ kind: what }) => what === 'start' || what === 'note'))
      throw new Error(`decided anew: ${JSON.stringify(decided)}`);
  }
}

test('a book that is rebuilt from the facts, in any order, stands as the one before; nothing starts twice, all runs end, also when a leader dies in the middle of its decisions', (t) => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom('continue', 'stop', 'cancel'),
      fc.array(action, { maxLength: 40 }),
      fc.boolean(),
      (given, onFailure, actions, isOneByOne) => {
        const world = new World();
        const plan: Plan = { v: 1, name: 'any', steps: given, onFailure, ...(isOneByOne ? { maxRuns: 1 } : {}) };
        const first = world.start(plan, 2);
        const runs: [string, number][] = [
          [first, 0],
          [first, 1],
        ];
        world.turn();
        for (const each of actions) act(world, runs, each);
        // All that runs ends, and time passes: then all runs have ended.
        for (let i = 0; i < 40; i++) {
          for (const { batch, index } of world.runnable()) world.end(batch, index);
          world.turn(world.now + 60);
        }
        t.deepEqual(world.twice, []);
        for (const [flow, run] of runs) t.not(world.view(flow, run).state, 'running', world.states(flow, run));
      },
    ),
    { numRuns: 150 },
  );
});
