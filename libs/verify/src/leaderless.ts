import { touches, type Fault } from './faults.js';
import type { Sample } from './history.js';
import { expiryMs, type Run } from './rules/rule.js';

/** The time without a leader after one stop of a leader. */
export interface Leaderless {
  fault: Fault;
  /** An upper bound: the time between two samples counts as without a leader. `Infinity`: no leader came. */
  ms: number;
  /** Another fault was underway until the next leader led, so it proves nothing about the bound. */
  disturbed: boolean;
}

export interface LeaderlessTimes {
  count: number;
  /** Left out of the figures: other faults were underway. */
  disturbed: number;
  /** `null`: none. */
  medianMs: number | null;
  p99Ms: number | null;
  maxMs: number | null;
  /** Each of them, to be put together with those of other runs. */
  allMs: number[];
}

/** The times after each kill, or each orderly stop, of the leader. */
export function leaderlessAfter(how: 'killed' | 'stopped', run: Run): Leaderless[] {
  const { faults, samples } = run;
  return faults
    .filter(({ leader }) => leader === how)
    .flatMap((fault) => {
      // A leader that is killed leads no more from that moment; one that stops in order leads until it was last seen.
      const found = handover(fault, samples);
      if (found === undefined) return [];
      const ms = found.nextAt - (how === 'killed' ? fault.begin : found.lastSeenAt);
      return [{ fault, ms, disturbed: isDisturbed(fault, found.nextAt, run) }];
    });
}

interface Handover {
  /** Not before the fault began. */
  lastSeenAt: number;
  nextAt: number;
}

/** `undefined`: the leader before the fault is not known. */
function handover({ begin }: Fault, samples: readonly Sample[]): Handover | undefined {
  const known = samples.filter(({ leader }) => leader !== undefined);
  const before = known.findLast(({ at, leader }) => at <= begin && leader !== null);
  if (before === undefined) return undefined;
  const after = known.filter(({ at }) => at > begin);
  const next = after.find((sample) => isNext(sample, before));
  const own = after.filter((sample) => sample.leader === before.leader && sample.at < (next?.at ?? Infinity));
  const isStill = (sample: Sample) => sample.epoch === before.epoch;
  return { lastSeenAt: own.findLast(isStill)?.at ?? begin, nextAt: next?.at ?? Infinity };
}

/** Whether the sample shows a later term: a greater epoch; if the epochs are not known, another leader. */
function isNext({ leader, epoch }: Sample, before: Sample): boolean {
  if (leader === null || leader === undefined) return false;
  return epoch !== undefined && before.epoch !== undefined ? epoch > before.epoch : leader !== before.leader;
}

/** Whether a fault can disturb an election: those of clients and workers cannot, nor can orderly stops. */
const isFelt = ({ orderly, role }: Fault): boolean => !orderly && role !== 'client' && role !== 'worker';

function isDisturbed(fault: Fault, nextAt: number, { faults, settings }: Run): boolean {
  return faults.some(
    (other) => other !== fault && isFelt(other) && touches(other, fault.begin, nextAt, expiryMs(settings)),
  );
}

export function timesOf(all: readonly Leaderless[]): LeaderlessTimes {
  const sorted = all
    .filter(({ disturbed }) => !disturbed)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  const disturbed = all.length - sorted.length;
  return { count: sorted.length, disturbed, medianMs: rank(0.5), p99Ms: rank(0.99), maxMs: rank(1), allMs: sorted };
}
