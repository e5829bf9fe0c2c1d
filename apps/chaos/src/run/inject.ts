import { seededRandom } from '@drover/runtime';
import type { PlannedFault, Round } from '../plan/plan.js';
import type { Fault, System } from '../system.js';
import { monotonicMs } from '../time.js';
import { pause } from './pause.js';

export interface Injection {
  system: System;
  faults: readonly Fault[];
  plan: Iterable<Round>;
  /** No round begins after this, by `monotonicMs`. */
  untilMs: number;
  signal: AbortSignal;
  say: (line: string) => void;
}

/**
 * Runs round after round; resolves after the last fault and the quiet time behind it. Every fault that begins is ended.
 */
export async function inject({ system, faults, plan, untilMs, signal, say }: Injection): Promise<void> {
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  for (const round of plan) {
    if (monotonicMs() >= untilMs || signal.aborted) return;
    await all(round.faults.map((planned) => befall(planned)));
    await pause(round.quietMs, signal);
  }

  async function befall({ name, afterMs, lastsMs, seed }: PlannedFault): Promise<void> {
    await pause(afterMs, signal);
    const fault = byName.get(name);
    if (fault === undefined || signal.aborted) return;
    const underway = await fault.begin(system, seededRandom(seed));
    if (underway === null) {
      say(`${name}: nobody whom it could befall now`);
      return;
    }
    const ms = underway.lastsMs ?? lastsMs;
    say(`${name}: ${underway.target}: ${underway.what}, ${(ms / 1_000).toFixed(1)} s`);
    await pause(ms, signal);
    await underway.end();
  }
}

/** Waits for all, also when one fails; then throws the first failure. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
