import { fc, testProp } from '@fast-check/ava';
import { goodRun, type GoodRun } from '../test/good-run.js';
import { report } from '../test/lines.js';
import type { Effect, Operation } from './history.js';

const settings = { sessionTimeoutMs: 1_000, tickMs: 100, fireLagMs: 0, wallErrorMs: 0 };
/** After everything. */
const LATE = 1_000_000;

async function brokenBy(run: GoodRun): Promise<string[]> {
  const { rules } = await report({ ...run }, settings);
  return rules.filter(({ verdict }) => verdict === 'broken').map(({ name }) => name);
}

testProp('what a correct system writes breaks no rule', [goodRun], async (t, run) => {
  t.deepEqual(await brokenBy(run), []);
});

interface Mutation {
  what: string;
  breaks: string;
  /** `undefined`: there is nothing in this run that it could change. */
  apply: (run: GoodRun) => Partial<GoodRun> | undefined;
}

const isAcknowledged = ({ op, type }: Operation) => op === 'submit' && type === 'ok';
const isTold = ({ op, type }: Operation) => op === 'result' && type === 'ok';
const isStart = ({ type }: Effect) => type === 'start';
/** By itself: no schedule, run or broadcast made it. */
const isSubmitted = ({ fire, flow, broadcast }: Effect) => (fire ?? flow ?? broadcast) === undefined;
/** A start whose worker was killed by a fault of its own, with another start behind it. */
const lostStart = ({ effects, faults }: GoodRun) =>
  effects.find(
    (one) =>
      isStart(one) &&
      faults.some(({ target }) => target === one.worker) &&
      effects.some((other) => isStart(other) && other.task === one.task && other.attempt > one.attempt),
  );

const MUTATIONS: Mutation[] = [
  {
    what: 'the ends of an acknowledged task are taken away',
    breaks: 'acknowledged tasks end once',
    apply: ({ operations }) => {
      const lost = operations.find(isAcknowledged)?.task;
      if (lost === undefined) return undefined;
      return { operations: operations.filter((one) => one.task !== lost || !isTold(one)) };
    },
  },
  {
    what: 'a task ends a second time, as something else',
    breaks: 'acknowledged tasks end once',
    apply: ({ operations }) => {
      const told = operations.find(isTold);
      const outcome = told?.outcome === 'failed' ? 'cancelled' : 'failed';
      return told && { operations: [...operations, { ...told, at: LATE, outcome }] };
    },
  },
  {
    what: 'somebody is told another value',
    breaks: 'one accepted result',
    apply: ({ operations }) => {
      const told = operations.find((one) => isTold(one) && one.outcome === 'succeeded');
      return told && { operations: [...operations, { ...told, value: 'another' }] };
    },
  },
  {
    what: 'an attempt begins after the accepted one',
    breaks: 'one accepted result',
    apply: ({ operations, effects }) => {
      const told = operations.find((one) => isTold(one) && one.outcome === 'succeeded');
      const last = effects.find(({ task, attempt }) => task === told?.task && attempt === told.attempt);
      const newer = (one: Effect) => ({ ...one, type: 'start' as const, attempt: one.attempt + 1, at: LATE });
      return last && { effects: [...effects, { ...newer(last), token: String(BigInt(last.token) + 1n) }] };
    },
  },
  {
    what: 'an id is another one',
    breaks: 'one task a submit',
    apply: ({ effects }) => effects[0] && { effects: [...effects, { ...effects[0], id: 'ANOTHER.0' }] },
  },
  {
    what: 'the faults are taken away',
    breaks: 'second starts are explained',
    apply: (run) => lostStart(run) && { faults: [] },
  },
  {
    what: 'the faults were orderly',
    breaks: 'second starts are explained',
    apply: (run) => lostStart(run) && { faults: run.faults.map((line) => ({ ...line, orderly: true })) },
  },
  {
    what: 'the faults were of other workers',
    breaks: 'second starts are explained',
    apply: (run) => lostStart(run) && { faults: run.faults.map((line) => ({ ...line, workers: ['another'] })) },
  },
  {
    what: 'an attempt begins twice',
    breaks: 'attempts and tokens grow',
    apply: ({ effects }) => {
      const again = effects.find(isStart);
      return again && { effects: [...effects, { ...again, token: String(BigInt(again.token) + 1_000n) }] };
    },
  },
  {
    what: 'two starts have one token',
    breaks: 'attempts and tokens grow',
    apply: ({ effects }) => {
      const again = effects.find(isStart);
      return again && { effects: [...effects, { ...again, attempt: again.attempt + 100 }] };
    },
  },
  {
    what: 'nobody submitted it',
    breaks: 'no unwanted effect',
    apply: ({ operations, effects }) => {
      const unwanted = effects.find((one) => isStart(one) && isSubmitted(one))?.task;
      if (unwanted === undefined) return undefined;
      return { operations: operations.filter(({ task, op }) => task !== unwanted || op !== 'submit') };
    },
  },
  {
    what: 'it was cancelled long before it began',
    breaks: 'no unwanted effect',
    apply: ({ operations, effects }) => {
      const start = effects.find((one) => isStart(one) && isSubmitted(one));
      const cancel = { at: 1, type: 'ok', op: 'cancel', task: start?.task ?? '' } as const;
      return start && { operations: [...operations, cancel] };
    },
  },
  {
    what: 'the resource takes an older token',
    breaks: 'the resource takes no older token',
    apply: ({ resource }) => {
      const [first] = resource;
      const newer = resource.find(({ task, token }) => task === first?.task && token !== first.token);
      return first && newer && { resource: [...resource, { ...first, at: LATE }] };
    },
  },
  {
    what: 'a time fires twice',
    breaks: 'each time fires once',
    apply: ({ effects }) => {
      const fire = effects.find((one) => one.fire !== undefined && isStart(one));
      const other = { task: 'another', id: 'ANOTHER.0', token: '5' };
      return fire && { effects: [...effects, { ...fire, ...other }] };
    },
  },
  {
    what: 'a time that fired never began',
    breaks: 'each time fires once',
    apply: ({ effects }) => {
      const task = effects.find(({ fire }) => fire !== undefined)?.task;
      const other = effects.findLast(({ fire, task: one }) => fire !== undefined && one !== task)?.task;
      const third = effects.find(({ fire, task: one }) => fire !== undefined && one !== task && one !== other)?.task;
      return { effects: effects.filter((one) => one.task !== task && one.task !== other && one.task !== third) };
    },
  },
  {
    what: 'a fire goes on while the next one begins',
    breaks: 'fires do not overlap',
    apply: ({ effects }) => ({
      effects: effects.map((one) =>
        one.fire !== undefined && one.type === 'end' ? { ...one, at: one.at + 2_000 } : one,
      ),
    }),
  },
  {
    what: 'two tasks of a key run beside each other',
    breaks: 'one task of a key at a time',
    apply: (run) => beside(run, 'key-3', 'key-2'),
  },
  {
    what: 'the newest submit of a key never ran',
    breaks: 'once more: no submit of a key is lost',
    apply: ({ effects }) => ({
      effects: effects.map((one) => (one.task === 'key-3' ? { ...one, task: 'key-0' } : one)),
    }),
  },
  {
    what: 'a submit follows to one before it',
    breaks: 'once more: no submit of a key is lost',
    apply: ({ operations }) => ({
      operations: operations.map((one) =>
        one.by !== undefined && one.task === 'key-2' ? { ...one, by: 'key-1' } : one,
      ),
    }),
  },
  {
    what: 'two tasks under a limit of one run beside each other',
    breaks: 'limits of concurrency hold',
    apply: (run) => beside(run, 'limited-1', 'limited-0'),
  },
  {
    what: 'many begin at once under a rate',
    breaks: 'limits of rates hold',
    apply: ({ effects }) => {
      const start = effects.find((one) => one.task === 'limited-0' && isStart(one));
      const many = Array.from({ length: 200 }, (_, n) => ({ attempt: n + 2, token: 100_000 + n }));
      return start && { effects: [...effects, ...many.map((one) => ({ ...start, ...one }))] };
    },
  },
  {
    what: 'two of a sequence change places',
    breaks: 'sequences run in order',
    apply: ({ effects }) => {
      const other: Record<string, string> = { 'sequence-1': 'sequence-2', 'sequence-2': 'sequence-1' };
      return { effects: effects.map((one) => ({ ...one, task: other[one.task] ?? one.task })) };
    },
  },
  {
    what: 'a step begins before an item that it waits for has ended',
    breaks: 'steps run in order, each once',
    apply: (run) => moved(run, 'RUN.0/merge', 729.5),
  },
  {
    what: 'a step runs as two tasks',
    breaks: 'steps run in order, each once',
    apply: ({ effects }) => {
      const start = effects.find((one) => one.task === 'RUN.0/merge' && isStart(one));
      return start && { effects: [...effects, { ...start, at: 900, task: 'another', id: 'ANOTHER.0' }] };
    },
  },
  {
    what: 'a step begins after the end of its run was told',
    breaks: 'a run that has ended is over',
    apply: (run) => moved(run, 'RUN.0/merge', 900_000),
  },
  {
    what: 'a worker runs the task of another one',
    breaks: 'a broadcast is one task at each worker',
    apply: ({ effects }) => ({
      effects: effects.map((one) => (one.task === 'broadcast at w1' ? { ...one, worker: 'w0' } : one)),
    }),
  },
  {
    what: 'a worker runs two tasks that need all of it',
    breaks: 'workers are never over-subscribed',
    apply: (run) => moved(run, 'placed-1', 20_000.5),
  },
  {
    what: 'two tasks that are to be apart are not',
    breaks: 'tasks stay apart',
    apply: (run) => moved(run, 'placed-1', 20_000.5),
  },
  {
    what: 'a task runs in another zone than it asks for',
    breaks: 'tasks run where they ask to',
    apply: ({ effects }) => ({
      effects: effects.map((one) => (one.task === 'placed-0' ? { ...one, labels: { zone: 'b' } } : one)),
    }),
  },
  {
    what: 'a task begins long after it expired',
    breaks: 'expiry and deadlines hold',
    apply: ({ effects }) => ({
      effects: effects.map((one) => (one.task === 'limited-0' ? { ...one, at: one.at + LATE } : one)),
    }),
  },
];

/** The task begins then. */
function moved({ effects }: GoodRun, task: string, at: number): Partial<GoodRun> {
  return { effects: effects.map((one) => (one.task === task ? { ...one, at: isStart(one) ? at : at + 1 } : one)) };
}

/** `other` begins when `task` has begun. */
function beside({ effects }: GoodRun, task: string, other: string): Partial<GoodRun> | undefined {
  const start = effects.find((one) => one.task === task && isStart(one));
  if (start === undefined) return undefined;
  const [from, to] = [start.at + 0.5, start.at + 9];
  const rest = effects.filter((one) => one.task !== other);
  const about = { ...start, task: other, token: 7 };
  return { effects: [...rest, { ...about, at: from }, { ...about, type: 'end', at: to }] };
}

for (const { what, breaks, apply } of MUTATIONS) {
  testProp(
    `${what}: '${breaks}' is broken`,
    [goodRun],
    async (t, run) => {
      const changed = apply(run);
      fc.pre(changed !== undefined);
      t.true((await brokenBy({ ...run, ...changed })).includes(breaks));
    },
    { numRuns: 20 },
  );
}
