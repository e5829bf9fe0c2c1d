import { leaderlessAfter, timesOf, type Leaderless } from '../leaderless.js';
import { toLines } from '../task-history.js';
import { expiryMs, inMs, type Run, type RunJudgement, type RunRule, type Violation } from './rule.js';

const SHOWN_SAMPLES = 20;

export const leaderlessAfterKill: RunRule = {
  name: 'a killed leader is replaced in time',
  says: 'in 99 of 100 cases within session timeout, a tick and a second',
  needs: ['faults', 'samples'],
  nothing: 'no leader was killed without other faults underway',
  judge(run) {
    return within(leaderlessAfter('killed', run), expiryMs(run.settings) + run.settings.electionMs, 0.99, run);
  },
};

export const leaderlessAfterStop: RunRule = {
  name: 'a stopped leader hands over at once',
  says: 'after an orderly stop nobody leads for the bound at most',
  needs: ['faults', 'samples'],
  nothing: 'no leader was stopped in order without other faults underway',
  judge(run) {
    return within(leaderlessAfter('stopped', run), run.settings.handoverMs, 1, run);
  },
};

/** Broken where fewer than `share` keep the bound; all that do not are then named. */
function within(all: readonly Leaderless[], boundMs: number, share: number, run: Run): RunJudgement {
  const clean = all.filter(({ disturbed }) => !disturbed);
  const { p99Ms, maxMs } = timesOf(clean);
  const isKept = ((share === 1 ? maxMs : p99Ms) ?? 0) <= boundMs;
  const late = isKept ? [] : clean.filter(({ ms }) => ms > boundMs);
  return { checked: clean.length, violations: late.map((one) => describe(one, boundMs, run)) };
}

function describe({ fault, ms }: Leaderless, boundMs: number, { samples }: Run): Violation {
  const duration = ms === Infinity ? 'until the end of the samples' : `for ${inMs(ms)}`;
  const what = `after fault ${fault.n} (${fault.fault} ${fault.target}) nobody led ${duration}, the bound is ${inMs(boundMs)}`;
  const around = samples.filter(
    ({ at, leader }) => leader !== undefined && at >= fault.begin && at <= fault.begin + ms,
  );
  const changes = around.filter(
    (sample, index) => sample.leader !== around[index - 1]?.leader || sample === around.at(-1),
  );
  const shown = [...toLines('faults', fault.lines), ...toLines('samples', changes.slice(0, SHOWN_SAMPLES))];
  return { at: fault.begin, what, history: shown.sort((a, b) => a.at - b.at) };
}
