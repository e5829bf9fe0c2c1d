import { lastMomentOf } from '../faults.js';
import { toLines } from '../task-history.js';
import { inMs, type Run, type RunJudgement, type RunRule, type Throughput } from './rule.js';

/** A shorter time is too short to measure the throughput. */
const ENOUGH_MS = 2_000;
const ENOUGH_ENDS = 20;
const WINDOW_MS = 1_000;
const STEP_MS = 100;
const SHOWN_SAMPLES = 20;

export const recovery: RunRule = {
  name: 'recovery after the last fault',
  says: 'within session timeout and the bound a leader leads and the throughput is back',
  needs: ['faults', 'samples'],
  nothing: 'there were no faults',
  judge(run, throughput) {
    if (run.faults.length === 0) return { checked: 0, violations: [] };
    const from = Math.max(...run.faults.map(lastMomentOf));
    const until = from + run.settings.sessionTimeoutMs + run.settings.recoveryMs;
    const missing = missingEvidence(run, throughput, until);
    if (missing !== undefined) return { checked: 0, violations: [], reason: missing };
    const what = noLeader(run, from, until) ?? tooSlow(run, throughput, from, until);
    return { checked: 1, violations: what === undefined ? [] : [violation(run, what, from, until)] };
  },
};

function missingEvidence({ faults, samples }: Run, throughput: Throughput, until: number): string | undefined {
  const firstFault = faults[0]?.begin ?? 0;
  if ((samples.at(-1)?.at ?? 0) < until) return 'the samples end before the bound after the last fault';
  if (throughput.lastSubmitAt < until) return 'nothing was submitted any more at the bound after the last fault';
  const isEnough =
    firstFault - throughput.firstEndAt >= ENOUGH_MS &&
    throughput.endsIn(throughput.firstEndAt, firstFault) >= ENOUGH_ENDS;
  return isEnough ? undefined : `needs ${ENOUGH_MS / 1_000} s of load before the first fault, to compare with`;
}

function noLeader({ samples }: Run, from: number, until: number): string | undefined {
  const last = samples.findLast(({ at, leader }) => leader !== undefined && at > from && at <= until);
  if (last === undefined) return `no sample knows of a leader within ${inMs(until - from)} after the last fault`;
  return last.leader === null ? `nobody led ${inMs(last.at - from)} after the last fault` : undefined;
}

function tooSlow({ faults, settings }: Run, throughput: Throughput, from: number, until: number): string | undefined {
  const begin = throughput.firstEndAt;
  const firstFault = faults[0]?.begin ?? 0;
  const usual = (throughput.endsIn(begin, firstFault) * 1_000) / (firstFault - begin);
  let best = 0;
  for (let at = from; at + WINDOW_MS <= until; at += STEP_MS)
    best = Math.max(best, throughput.endsIn(at, at + WINDOW_MS));
  if (best >= usual * settings.throughputShare) return undefined;
  return `within ${inMs(until - from)} after the last fault at most ${best} handlers ended in a second; before the first, ${usual.toFixed(1)}`;
}

function violation({ faults, samples }: Run, what: string, from: number, until: number): RunJudgement['violations'][0] {
  const last = faults.find((fault) => lastMomentOf(fault) === from);
  const around = samples.filter(({ at }) => at >= from && at <= until);
  const lines = [...toLines('faults', last?.lines ?? []), ...toLines('samples', around.slice(-SHOWN_SAMPLES))];
  return { at: until, what, history: lines.sort((a, b) => a.at - b.at) };
}
