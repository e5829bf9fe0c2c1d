import { strategyNames } from '@drover/strategies';
import { FAULT_KINDS, type FaultKind } from './faults/fault-kinds.js';

/** The world of one seed. */
export interface Settings {
  schedulers: number;
  /** The capacity of each. */
  workers: readonly number[];
  clients: number;
  queues: readonly string[];
  strategy: string;
  sessionTimeoutMs: number;
  /** How long things go wrong. */
  faultyMs: number;
  faultEveryMs: number;
  faults: readonly FaultKind[];
  /** Of a message, one way. */
  delayMs: readonly [number, number];
  /** How far servers lag behind the quorum. */
  lagMs: readonly [number, number];
  retainTasks: number;
  /**
   * Of finished batches. No client must be cut off for longer: one that does not know what became of its submit would
   * make the batch once more if it had been removed meanwhile.
   */
  retainMs: number;
}

/** Some seeds have few kinds of faults, and many of them; some have none. */
export function drawSettings(random: () => number): Settings {
  const between = (min: number, max: number): number => min + random() * (max - min);
  const whole = (min: number, max: number): number => Math.floor(between(min, max + 1));
  const share = random();
  const kinds = FAULT_KINDS.filter(() => random() < share);
  const strategies = strategyNames();
  return {
    schedulers: 3,
    workers: Array.from({ length: whole(2, 5) }, () => whole(1, 6)),
    clients: whole(1, 3),
    queues: ['images', 'mails'],
    strategy: strategies[whole(0, strategies.length - 1)] ?? 'random',
    sessionTimeoutMs: whole(1, 3) * 1_000,
    faultyMs: between(5_000, 25_000),
    faultEveryMs: 10 ** between(2, 3.5),
    faults: kinds,
    delayMs: [0.1, 10 ** between(0, 1.3)],
    lagMs: [0, 10 ** between(0, 2.3)],
    retainTasks: random() < 0.3 ? 20 : 100_000,
    retainMs: 30_000,
  };
}

/** For tests, so that hundreds of seeds fit into half a minute. */
export const SHORT = { faultyMs: 4_000, retainMs: 8_000 } as const satisfies Partial<Settings>;
