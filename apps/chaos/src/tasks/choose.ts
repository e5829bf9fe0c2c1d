import type { SubmitOptions } from '@drover/client';
import type { UniqueOptions } from '@drover/core';
import type { WorkPayload, WorkType } from './kinds.js';

/** One task to be submitted, and what else its client does with it. */
export interface Work {
  input: { type: WorkType; payload: WorkPayload } & SubmitOptions;
  /** So long after the submit it is cancelled; `null`: it is not. */
  cancelAfterMs: number | null;
  /** So long after the first answer its result is read once more; `null`: it is not. */
  readAgainAfterMs: number | null;
}

/** Queues that the run sets priorities for. */
export const QUEUES = ['default', 'urgent', 'bulk'] as const;

type Choice = (random: () => number) => { type: WorkType } & Partial<WorkPayload> & SubmitOptions;

const between = (random: () => number, from: number, to: number): number => Math.round(from + random() * (to - from));
const SOON = { kind: 'constant', delayMs: 200 } as const;

/** Each with its share of a hundred. */
const CHOICES: readonly (readonly [share: number, choice: Choice])[] = [
  [36, () => ({ type: 'quick' })],
  // Tenants share each queue, and within a tenant priorities decide.
  [6, (random) => ({ type: 'quick', tenant: `tenant-${between(random, 1, 3)}`, priority: between(random, -2, 2) })],
  [10, (random) => ({ type: 'slow', ms: between(random, 100, 1_500) })],
  [2, (random) => ({ type: 'slow', ms: between(random, 3_000, 8_000) })],
  [10, (random) => ({ type: 'flaky', failures: between(random, 1, 2), maxAttempts: 4, retry: SOON })],
  [3, () => ({ type: 'flaky', failures: 9, maxAttempts: 2, retry: SOON })],
  [3, (random) => ({ type: 'hanging', timeout: between(random, 200, 800), maxAttempts: 2, retry: SOON })],
  [4, (random) => ({ type: 'computing', ms: between(random, 10, 80) })],
  [5, (random) => ({ type: 'quick', delay: between(random, 100, 4_000) })],
  [4, (random) => ({ type: 'slow', ms: 300, key: `key-${between(random, 1, 8)}` })],
  [5, (random) => ({ type: 'flaky', ms: 200, failures: between(random, 0, 1), retry: SOON, unique: uniqueBy(random) })],
  [3, (random) => ({ type: 'slow', ms: 200, limits: [`one-a-key/key-${between(random, 1, 2)}`] })],
  [2, () => ({ type: 'quick', limits: ['five-a-second'] })],
  [3, (random) => ({ type: 'flaky', failures: between(random, 0, 1), retry: SOON, sequence: sequenceBy(random) })],
  [2, () => ({ type: 'slow', ms: 300, expires: '2s' })],
  [2, (random) => ({ type: 'flaky', failures: between(random, 0, 2), retry: SOON, deadline: '5s', maxAttempts: 4 })],
];

const sequenceBy = (random: () => number): string => `sequence-${between(random, 1, 4)}`;

/** Few keys for each mode, so that most submits meet another one. */
function uniqueBy(random: () => number): UniqueOptions {
  const modes: readonly Omit<UniqueOptions, 'key'>[] = [
    { mode: 'last' },
    { mode: 'cancel' },
    { mode: 'throttle', every: '2s' },
    { mode: 'debounce', quiet: '500ms', max: '2s' },
  ];
  const mode = modes[between(random, 0, modes.length - 1)] ?? { mode: 'last' };
  return { ...mode, key: `${mode.mode}-${between(random, 1, 2)}` };
}

export function chooseWork(task: string, random: () => number): Work {
  const { ms = 0, failures = 0, type, ...options } = choiceAt(random() * 100)(random);
  const cancels = type === 'slow' || type === 'hanging' || options.delay !== undefined ? 0.15 : 0.01;
  return {
    input: { type, payload: { task, ms, failures }, queue: queueBy(random()), ...options },
    cancelAfterMs: random() < cancels ? between(random, 0, 1_200) : null,
    readAgainAfterMs: random() < 0.1 ? between(random, 0, 5_000) : null,
  };
}

function choiceAt(place: number): Choice {
  let passed = 0;
  const [, choice] = CHOICES.find(([share]) => (passed += share) > place) ?? [];
  if (choice === undefined) throw new RangeError(`the shares of the choices end before ${place}`);
  return choice;
}

function queueBy(chance: number): string {
  return chance < 0.7 ? 'default' : chance < 0.85 ? 'urgent' : 'bulk';
}
