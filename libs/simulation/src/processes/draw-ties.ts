import type { SubmitOptions, TaskInput } from '@drover/client';
import type { Script } from './simulated-executor.js';

const of = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** A floating resource, which an operator defines. */
export const LICENCE = 'licence.x';
/** Everything that is drawn needs no more of it. */
export const LICENCES = 4;

const SPREADS: readonly NonNullable<SubmitOptions['spread']>[] = [
  'zone',
  { by: 'host', over: 'queue' },
  { by: 'zone', over: 'key:all', mode: 'hard' },
  { by: 'zone', over: 'queue', mode: 'hard', maxSkew: 2 },
];
const PLACES = ['host:host-0', 'host:host-2', 'zone:a', 'zone:nowhere'];

/** How a task of a world with resources is tied to places and to other tasks, and what else few tasks ask for. */
export function drawTies(random: () => number): SubmitOptions {
  const options: SubmitOptions = random() < 0.4 ? { preemptible: true } : {};
  const chance = random();
  if (chance < 0.08) options.spread = of(SPREADS, random);
  else if (chance < 0.16) options.apart = { by: of(['host', 'zone'], random), over: 'key:few' };
  else if (chance < 0.22) {
    options.near = [of(PLACES, random), of(PLACES, random)];
    options.nearWait = Math.floor(random() * 1_500);
  } else if (chance < 0.3) {
    const key = `session-${Math.floor(random() * 3)}`;
    options.sticky = random() < 0.3 ? { key, mode: 'hard' } : { key, wait: Math.floor(random() * 1_000) };
  } else if (chance < 0.42) options.resources = { [LICENCE]: of([0.5, 1, 2], random), cpu: 0.5 };
  if (options.near !== undefined && new Set(options.near).size < options.near.length) delete options.near;
  return options;
}

const LONG_MS = 1_500;
const LONG_NEEDS = [{ cpu: 0.5 }, { cpu: 1 }, { gpu: 0.5 }, { gpu: 1 }];

/** Tasks that fill workers for a while, and may be interrupted; then some that are in a hurry. */
export function drawRush(long: string, urgent: string, random: () => number): Record<'first' | 'then', TaskInput[]> {
  const tasks = (most: number, ms: number, options: SubmitOptions): TaskInput[] =>
    Array.from({ length: 2 + Math.floor(random() * most) }, () => ({
      ...{ type: 'scripted', payload: scriptOf([ms * random()], random), ...options },
    }));
  return {
    first: tasks(10, LONG_MS, { queue: long, preemptible: true, resources: of(LONG_NEEDS, random) }),
    then: tasks(3, QUICK_MS, { queue: urgent, resources: { cpu: of([0.5, 2], random) } }),
  };
}

/** A copy of a slow attempt begins after two seconds at the earliest. */
const SLOW_MS = 2_500;
const QUICK_MS = 30;

/** A batch of which one task is slow, or two, and may be begun once more. */
export function drawStragglers(queue: string, random: () => number): TaskInput[] {
  const quick = 6 + Math.floor(random() * 4);
  const slow = quick > 7 ? 2 : 1;
  const isLimited = random() < 0.3;
  const cpu = of([0.5, 1], random);
  const options: SubmitOptions = {
    ...{ queue, speculative: true, maxAttempts: 1 + Math.floor(random() * 3) },
    ...{ retry: { kind: 'constant', delayMs: 50 }, resources: isLimited ? { cpu, [LICENCE]: 0.5 } : { cpu } },
    ...(random() < 0.3 ? { preemptible: true } : {}),
  };
  return Array.from({ length: quick + slow }, (_, at) => {
    const payload = at < quick ? scriptOf([QUICK_MS * random()], random) : slowScript(random);
    return { type: 'scripted', payload, ...options };
  });
}

/** The copy is quick, or slow as well. */
function slowScript(random: () => number): Script {
  const first = SLOW_MS + random() * 2_500;
  return scriptOf([first, random() < 0.4 ? SLOW_MS * random() * 2 : QUICK_MS, QUICK_MS], random);
}

/** Now and then an attempt fails in the end. */
const scriptOf = (times: readonly number[], random: () => number): Script => ({
  attempts: times.map((ms) => ({ does: random() < 0.15 ? 'fail' : 'succeed', ms })),
});
