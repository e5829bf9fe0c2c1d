import type { FaultLine, Operation, Sample } from '@drover/verify';
import { API_KILLS, BACK_WITHIN_MS } from '../faults/api-threads.js';
import { readJournal } from '../journal.js';
import type { Setup } from '../run/setup.js';
import type { ViewersDid, ViewersLine } from '../viewers/settings.js';
import type { ChaosReport } from './report.js';

type Rule = ChaosReport['rules'][number];

/** A run with viewers: what they did, and tasks that the API acknowledged. */
export interface ViewersReport extends ViewersDid {
  submitted: number;
  apiKills: number;
}

/** A session may end so long after a fault is over: a server that starts gives each session its time anew. */
const AFTERWARDS_MS = 5_000;

/** The histories' account of viewers; null: the run had none. */
export function viewersIn({ viewers, paths }: Setup): ViewersReport | null {
  if (viewers === null) return null;
  const did = readJournal<ViewersLine>(paths.viewers).at(-1)?.did ?? {
    answers: {},
    streams: 0,
    garbage: 0,
    sockets: 0,
  };
  const operations = readJournal<Operation>(paths.operations);
  const overHttp = operations.filter(
    ({ client, op, type }) => client?.startsWith('h') === true && op === 'submit' && type === 'ok',
  );
  return { ...did, submitted: overHttp.length, apiKills: apiKillsIn(readJournal<FaultLine>(paths.faults)).length };
}

/** The promises that viewers put to the test, beside those that `drover verify` holds. */
export function viewersRules({ viewers, paths, sessionTimeoutMs }: Setup): Rule[] {
  if (viewers === null) return [];
  const faults = readJournal<FaultLine>(paths.faults);
  return [
    sessionsHold(readJournal<Sample>(paths.samples), faults, sessionTimeoutMs + AFTERWARDS_MS),
    threadsComeBack(faults),
    everyApiAnswers(readJournal<ViewersLine>(paths.viewers)),
  ];
}

const ruleOf = (name: string, says: string, checked: number, violations: number): Rule => ({
  name,
  says,
  verdict: violations > 0 ? 'broken' : checked > 0 ? 'held' : 'not checked',
  checked,
  violations,
  ...(checked > 0 ? {} : { reason: 'nothing of it was in this run' }),
});

/** Pure. The leader changes only where a fault of the leader or of ZooKeeper explains it. */
export function sessionsHold(samples: readonly Sample[], faults: readonly FaultLine[], afterMs: number): Rule {
  const terms = samples.filter(({ leader }) => typeof leader === 'string');
  let checked = 0;
  let violations = 0;
  for (const [index, next] of terms.entries()) {
    const last = terms[index - 1];
    if (last === undefined || last.epoch === next.epoch) continue;
    checked++;
    if (!faultSpans(faults).some((span) => explains(span, last, next, afterMs))) violations++;
  }
  return ruleOf('viewers cost no leader its session', 'the leader changes by faults only', checked, violations);
}

interface Span {
  fault: string;
  target: string;
  from: number;
  to: number;
}

function explains({ fault, target, from, to }: Span, last: Sample, next: Sample, afterMs: number): boolean {
  if (isApiKill(fault)) return false;
  const hits = target.split(', ').some((name) => name === last.leader || name.startsWith('zookeeper'));
  return hits && from <= next.at && to + afterMs >= last.at;
}

function faultSpans(faults: readonly FaultLine[]): Span[] {
  return faults
    .filter((line) => line.type === 'begin')
    .map(({ n, fault, target, at }) => ({ fault, target, from: at, to: endOf(faults, n) }));
}

const endOf = (faults: readonly FaultLine[], n: number): number =>
  faults.find((line) => line.type === 'end' && line.n === n)?.at ?? Infinity;

const isApiKill = (fault: string): boolean => (API_KILLS as readonly string[]).includes(fault);

const apiKillsIn = (faults: readonly FaultLine[]): Span[] => faultSpans(faults).filter(({ fault }) => isApiKill(fault));

/** Pure. The fault is over when the API listens again, or when its time is over. */
export function threadsComeBack(faults: readonly FaultLine[]): Rule {
  const kills = apiKillsIn(faults);
  const gone = kills.filter(({ from, to }) => to - from >= BACK_WITHIN_MS);
  return ruleOf('a killed API thread comes back', 'by itself, and its scheduler goes on', kills.length, gone.length);
}

/** Pure. */
export function everyApiAnswers(lines: readonly ViewersLine[]): Rule {
  const answering = lines.at(-1)?.answering;
  const silent = answering?.filter(({ fault }) => fault !== null).length ?? 1;
  return ruleOf('every API answers in the end', 'when all viewers have gone', answering?.length ?? 1, silent);
}
