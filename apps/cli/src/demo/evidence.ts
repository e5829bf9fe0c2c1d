import type { TaskId } from '@drover/core';
import { counted, formatCount } from '../views/format.js';
import type { FlowShow } from './flow-show.js';
import type { JobTask } from './job.js';
import { REDUCE_TASKS } from './primes-flow.js';
import type { Held } from './znodes.js';

/** One task in this many is computed again here. */
const SAMPLE_EVERY = 12;

/** A statement about the job, and whether the findings confirm it. */
export interface Check {
  ok: boolean;
  claim: string;
  /** The findings. */
  found: string;
}

/**
 * The schedulers' own statements play no part: the evidence is the submitter's results, the znodes, the traces of the
 * handlers, and some results computed again. `held`: by task, from ZooKeeper. `runs`: by task, from the trace.
 */
export async function gatherEvidence(
  submitted: number,
  job: readonly JobTask[],
  held: ReadonlyMap<TaskId, Held>,
  runs: ReadonlyMap<TaskId, number>,
): Promise<Check[]> {
  return [
    nothingLost(submitted, job),
    onceAccepted(job, held),
    sameResults(job, held),
    ran(job, runs),
    await rightOnes(job),
  ];
}

function nothingLost(submitted: number, job: readonly JobTask[]): Check {
  const ids = new Set(job.map(({ id }) => id));
  const results = job.filter(({ outcome }) => outcome !== null && 'result' in outcome).length;
  return {
    ok: ids.size === submitted && results === submitted,
    claim: 'nothing lost: every acknowledged task has a result',
    found: `${formatCount(ids.size)} acknowledged of ${formatCount(submitted)}, ${counted(results, 'result')}`,
  };
}

function onceAccepted(job: readonly JobTask[], held: ReadonlyMap<TaskId, Held>): Check {
  const ours = new Set(job.map(({ id }) => id));
  const foreign = [...held.keys()].filter((id) => !ours.has(id)).length;
  const successes = job.map(({ id }) => held.get(id)?.successes ?? 0);
  const twice = successes.filter((count) => count > 1).length;
  const never = successes.filter((count) => count === 0).length;
  return {
    ok: foreign === 0 && twice === 0 && never === 0,
    claim: 'nothing accepted twice: ZooKeeper holds exactly one success per task',
    found: `${counted(held.size, 'task')} in the znodes; ${twice} with two, ${never} with none, ${foreign} unknown`,
  };
}

function sameResults(job: readonly JobTask[], held: ReadonlyMap<TaskId, Held>): Check {
  const differ = job.filter(({ id, outcome }) => {
    const told = outcome !== null && 'result' in outcome ? JSON.stringify(outcome.result) : null;
    return told !== held.get(id)?.result;
  }).length;
  return {
    ok: differ === 0,
    claim: 'the submitter received the results that ZooKeeper holds',
    found: `${formatCount(job.length - differ)} of ${formatCount(job.length)} results are the same`,
  };
}

function ran(job: readonly JobTask[], runs: ReadonlyMap<TaskId, number>): Check {
  const never = job.filter(({ id }) => !runs.has(id)).length;
  const again = job.filter(({ id }) => (runs.get(id) ?? 0) > 1).length;
  const total = job.reduce((sum, { id }) => sum + (runs.get(id) ?? 0), 0);
  return {
    ok: never === 0,
    claim: 'every task ran (handler traces)',
    found: `${counted(total, 'run')} of ${counted(job.length, 'task')}, ${again === 0 ? 'each exactly once' : `${again} more than once`}`,
  };
}

async function rightOnes(job: readonly JobTask[]): Promise<Check> {
  const sample = job.filter((_, index) => index % SAMPLE_EVERY === 0);
  const good = await Promise.all(
    sample.map(async ({ task, outcome }) => {
      const expected = JSON.stringify(await task.expected());
      return outcome !== null && 'result' in outcome && JSON.stringify(outcome.result) === expected;
    }),
  );
  const right = good.filter(Boolean).length;
  return {
    ok: right === sample.length,
    claim: 'results are correct: a sample was computed again here',
    found: `${right} of ${sample.length} agree`,
  };
}

/** `held`: every task in ZooKeeper; those that are none of the job are the flow's. `runs`: by task, from the trace. Pure. */
export function flowEvidence(
  flow: FlowShow,
  job: readonly JobTask[],
  held: ReadonlyMap<TaskId, Held>,
  runs: ReadonlyMap<TaskId, number>,
): Check[] {
  const ofJob = new Set(job.map(({ id }) => id));
  const tasks = [...held].filter(([id]) => !ofJob.has(id));
  const once = tasks.filter(([, { successes }]) => successes === 1).length;
  const due = 1 + flow.items + REDUCE_TASKS;
  const traced = [...runs.keys()].filter((id) => !ofJob.has(id)).length;
  return [
    {
      ok: flow.doneAtKill < flow.items && flow.result === flow.expected,
      claim: 'the flow went on under the next leader, and its result is right',
      found: `killed after ${formatCount(flow.doneAtKill)} of ${counted(flow.items, 'item')}; ${formatCount(flow.result)} primes, and as many by a sieve`,
    },
    {
      ok: tasks.length === due && once === due && traced === 1 + flow.items,
      claim: 'no step and no item was started twice, and none was left out',
      found: `${counted(tasks.length, 'task')} in the znodes of ${formatCount(due)}, ${formatCount(once)} with one success; ${formatCount(traced)} of ${formatCount(1 + flow.items)} left a trace`,
    },
  ];
}

/** Lines of `ID ATTEMPT WORKER`, counted by id. Pure. */
export function countRuns(trace: string): Map<TaskId, number> {
  const runs = new Map<TaskId, number>();
  for (const line of trace.split('\n')) {
    const id = line.slice(0, Math.max(line.indexOf(' '), 0));
    if (id !== '') runs.set(id, (runs.get(id) ?? 0) + 1);
  }
  return runs;
}
