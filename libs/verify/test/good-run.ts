import fc from 'fast-check';
import type { DefinitionLine } from '../src/definition-line.js';
import type { Effect, FaultLine, Operation, Write } from '../src/history.js';

/** Histories as a correct system writes them. */
export interface GoodRun {
  operations: Operation[];
  effects: Effect[];
  resource: Write[];
  faults: FaultLine[];
  definitions: DefinitionLine[];
}

/** The ends that an attempt other than the last can have. */
const FATES = ['failed', 'timed-out', 'lost', 'never began'] as const;
type Fate = (typeof FATES)[number];

interface Story {
  /** Whether the client learned that it was submitted. */
  acknowledged: boolean;
  fates: readonly Fate[];
  outcome: 'succeeded' | 'failed' | 'cancelled';
  /** Time between one entry and the next. */
  gapMs: number;
  /** How many clients read its end. */
  readers: number;
}

const story: fc.Arbitrary<Story> = fc.record({
  acknowledged: fc.boolean(),
  fates: fc.array(fc.constantFrom(...FATES), { maxLength: 4 }),
  outcome: fc.constantFrom('succeeded', 'failed', 'cancelled'),
  gapMs: fc.integer({ min: 1, max: 3_000 }),
  readers: fc.integer({ min: 1, max: 3 }),
});

/** Tasks of every kind; each attempt runs at a worker of its own, so that a fault explains only one attempt. */
export const goodRun: fc.Arbitrary<GoodRun> = fc
  .tuple(fc.array(story, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()))
  .map(([stories, order]) => {
    const run: GoodRun = { operations: [], effects: [], resource: [], faults: [], definitions: [] };
    for (const [index, one] of stories.entries()) tell(run, `task-${index}`, one);
    tellShared(run, stories[0]?.gapMs ?? 1);
    tellFlow(run);
    tellPlaces(run);
    // Writers do not wait for each other: lines of different tasks come in any order.
    return { ...run, operations: shuffled(run.operations, order), effects: shuffled(run.effects, order) };
  });

function shuffled<T>(entries: readonly T[], order: Iterable<number>): T[] {
  const ranks = order[Symbol.iterator]();
  return entries
    .map((entry) => ({ entry, rank: Number(ranks.next().value) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}

function tell(run: GoodRun, task: string, { acknowledged, fates, outcome, gapMs, readers }: Story): void {
  let at = 10_000;
  const next = (): number => (at += gapMs);
  const id = `${task.toUpperCase()}.0`;
  const about = { task, id, client: 'c' };
  run.operations.push({ at: next(), type: 'invoke', op: 'submit', task, client: 'c' });
  run.operations.push({ at: next(), type: acknowledged ? 'ok' : 'info', op: 'submit', ...about });
  for (const [index, fate] of fates.entries()) tellAttempt(run, { task, id, attempt: index + 1, fate, next });
  const attempt = fates.length + 1;
  if (outcome !== 'cancelled') tellAttempt(run, { task, id, attempt, fate: outcome, next });
  else run.operations.push({ at: next(), type: 'ok', op: 'cancel', ...about });
  const told = { outcome, ...(outcome === 'succeeded' ? { attempt, value: { attempt } } : {}) };
  for (let reader = 0; reader < readers; reader++)
    run.operations.push({ at: next(), type: 'ok', op: 'result', ...about, ...told });
}

interface Attempt {
  task: string;
  id: string;
  attempt: number;
  fate: Fate | 'succeeded' | 'failed';
  next: () => number;
}

function tellAttempt(run: GoodRun, { task, id, attempt, fate, next }: Attempt): void {
  const token = String(2n ** 60n + BigInt(attempt));
  const worker = `${task}-worker-${attempt}`;
  const about = { task, id, attempt, token, worker };
  if (fate === 'never began') return;
  run.effects.push({ at: next(), type: 'start', ...about });
  run.resource.push({ at: next(), task, token, accepted: true });
  const at = next();
  if (fate === 'lost') {
    const fault = { n: run.faults.length, fault: 'kill', target: worker };
    run.faults.push({ at, type: 'begin', ...fault, workers: [worker] }, { at: at + 1, type: 'end', ...fault });
  } else if (fate === 'timed-out') run.effects.push({ at, type: 'aborted', cause: 'timed-out', ...about });
  else if (fate === 'failed') run.effects.push({ at, type: 'end', outcome: 'failed', ...about });
  else run.effects.push({ at, type: 'end', value: { attempt }, ...about });
}

/** How many tasks share each thing. */
const SHARING = 4;

/** Tasks that share a schedule, a key, a limit and a sequence; at workers that nothing befalls. */
function tellShared(run: GoodRun, gapMs: number): void {
  const defined = (wall: number, more: Partial<DefinitionLine>): void => {
    const about = { at: wall, wall, call: run.definitions.length, op: 'set' as const, ...more };
    run.definitions.push({ type: 'invoke', ...about }, { type: 'ok', ...about });
  };
  const sharing = Array.from({ length: SHARING }, (_, n) => n);
  defined(500, { schedule: 'tick', everyMs: 1_000, overlap: 'skip', catchUp: 'all' });
  for (const n of sharing) {
    const nominal = new Date((n + 1) * 1_000).toISOString();
    const fire = { id: `tick@${nominal}`, schedule: 'tick', nominal, kind: 'time' as const };
    tellRun(run, fire.id, (n + 1) * 1_000, { fire });
  }
  const counts = { fired: SHARING, skipped: 1, missed: 1, excluded: 0 };
  defined(1_000 * SHARING + 2_500, { schedule: 'tick', op: 'told', ...counts });
  defined(600, { limit: 'gpu', concurrency: 1, rate: { limit: 1, periodMs: gapMs, burst: 1 } });
  for (const n of sharing) {
    const at = 10_000 + n * (gapMs + 10);
    for (const [task, more] of [
      [`key-${n}`, { unique: { key: 'k', mode: 'last' } }],
      [`limited-${n}`, { limits: ['gpu'], expiresMs: 10 * gapMs }],
      [`sequence-${n}`, { sequence: 's', zxid: 1_000 + n }],
    ] satisfies [string, Partial<Operation>][]) {
      const about = { op: 'submit' as const, task, client: 'c', ...more };
      run.operations.push({ at, type: 'invoke', ...about }, { at, type: 'ok', ...about });
      // Of those with the key all but the last one are superseded.
      const isRun = more.unique === undefined || n === SHARING - 1;
      if (isRun) tellRun(run, task, at);
      const by = isRun ? { attempt: 1 } : { by: `key-${SHARING - 1}` };
      run.operations.push({ at: 500_000, type: 'ok', op: 'result', task, outcome: 'succeeded', value: 1, ...by });
    }
  }
}

/** A run of a map and what makes one of its items, and a broadcast. */
function tellFlow(run: GoodRun): void {
  const about = { op: 'submit' as const, task: 'run', id: 'RUN.0', client: 'c' };
  const flow = { after: { parse: [], merge: ['parse'] }, expects: SHARING };
  run.operations.push({ at: 600, type: 'invoke', ...about, flow }, { at: 601, type: 'ok', ...about, flow });
  const step = { run: 'RUN.0', generation: 0 };
  for (let index = 0; index < SHARING; index++) {
    tellRun(run, `RUN.0/parse#${index}`, 700 + index * 10, { flow: { ...step, step: 'parse', index } });
    tellRun(run, `broadcast at w${index}`, 700 + index * 10, { broadcast: 'broadcast', worker: `w${index}` });
  }
  tellRun(run, 'RUN.0/merge', 800, { flow: { ...step, step: 'merge' } });
  const told = { ...about, op: 'result' as const, outcome: 'succeeded' as const, value: SHARING };
  run.operations.push({ at: 500_000, type: 'ok', ...told });
}

/** Tasks that need all of a worker between them, apart from each other, where they ask to be. */
function tellPlaces(run: GoodRun): void {
  for (let n = 0; n < SHARING; n++) {
    const task = `placed-${n}`;
    const where = [{ label: 'zone', op: 'in' as const, values: ['a'] }];
    const submitted = { op: 'submit' as const, task, client: 'c', where, apart: { by: 'zone', group: 'g' } };
    run.operations.push({ at: 650, type: 'invoke', ...submitted }, { at: 651, type: 'ok', ...submitted });
    const has = { needs: { cpu: 3, gpu: 1 }, has: { cpu: 4, gpu: 1 }, devices: { gpu: ['0'] }, labels: { zone: 'a' } };
    tellRun(run, task, 20_000 + n * 10, { ...has, life: 1, worker: 'placed' });
    run.operations.push({ at: 500_000, type: 'ok', op: 'result', task, outcome: 'succeeded', value: 1, attempt: 1 });
  }
}

function tellRun(run: GoodRun, task: string, at: number, more: Partial<Effect> = {}): void {
  const about = { task, id: `${task}.0`, attempt: 1, token: at, worker: 'steady', ...more };
  run.effects.push({ at, type: 'start', ...about }, { at: at + 1, type: 'end', value: 1, ...about });
}
