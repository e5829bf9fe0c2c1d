import { indexesOf, type Range } from '@drover/core';
import type { DeadTask } from './model.js';
import { MAX_TOLD } from './settings.js';
import type { Planning, State } from './state.js';
import type { BatchState, Death } from './tasks.js';

/**
 * For each task that fails for good in a queue with `onDead` a task is started, once. `tell-dead` starts it, and writes
 * beside the batch of the dead letter that this was done, in one transaction; results are numbered in the order in which
 * they are decided, so whoever folds them again meets the death, then the note of it, then perhaps a retry, then the next
 * death. So a death without a note behind it was told to nobody, for every leader alike. A batch is finished after its
 * deaths were told; deaths in results from before that are settled (`isSettled`), whatever is retried later.
 *
 * A retry before the next plan takes the death back: nobody is told. For the dead letters of tasks that were started so
 * nothing is started, or a handler that always fails would go on for ever, also over several queues.
 */
export function noteDeath(state: State, batch: BatchState, index: number, death: Death): void {
  if (batch.isForDead || batch.isSettling || batch.diedBefore?.has(index) === true) return;
  (batch.deaths ??= new Map<number, Death>()).set(index, death);
  if (batch.queue.settings.onDead !== null) state.dying.add(batch);
}

/** It runs again: its next death is another one. */
export function noteRetry(batch: BatchState, index: number): void {
  batch.deaths?.delete(index);
  batch.diedBefore?.delete(index);
}

/** An earlier leader has told of these. */
export function noteTold(batch: BatchState, told: readonly Range[]): void {
  if (batch.deaths !== null) for (const index of indexesOf(told)) batch.deaths.delete(index);
}

export function forgetDeaths(state: State, batch: BatchState): void {
  if (batch.deaths === null) return;
  batch.deaths = null;
  state.dying.delete(batch);
}

/** The queue has `onDead` from now on: also for what has failed in batches that are not finished. */
export function findDying(state: State, queue: string): void {
  for (const batch of state.batches.values())
    if (batch.queueName === queue && batch.finished === null && batch.deaths !== null) state.dying.add(batch);
}

/** Before batches are finished. */
export function tellDeaths({ state, commands }: Planning): void {
  for (const batch of state.dying) {
    const { onDead } = batch.queue.settings;
    // Switched off meanwhile: the deaths stay noted, in case it is switched on again before the batch is finished.
    if (onDead === null) continue;
    const dead = [...(batch.deaths ?? [])]
      .sort(([a], [b]) => a - b)
      .map(([index, death]) => deadTask(batch, index, death));
    for (let from = 0; from < dead.length; from += MAX_TOLD) {
      const some = dead.slice(from, from + MAX_TOLD);
      commands.push({
        kind: 'tell-dead',
        batch: batch.id,
        queue: batch.queueName,
        n: state.nextN(),
        onDead,
        dead: some,
      });
    }
    batch.deaths = null;
  }
  state.dying.clear();
}

function deadTask(batch: BatchState, index: number, { outcome, at }: Death): DeadTask {
  const { type, tenant } = batch.groupAt(index);
  return { index, type, tenant, outcome, attempts: batch.touch().progress(index).attempt, at };
}
