import test from 'ava';
import type { ChaosReport } from '../report/report.js';
import { targetsOf } from '../report/targets.js';
import { reliabilityPage } from './page.js';

const none = { count: 0, disturbed: 0, medianMs: null, p99Ms: null, maxMs: null, allMs: [] };

function report(seed: number, given: Partial<ChaosReport> = {}, killedMs: number[] = [2_100]): ChaosReport {
  const rule = { name: 'ends once', says: 'every acknowledged task ends once', checked: 500, violations: 0 };
  return {
    at: '2026-11-22T12:00:00.000Z',
    command: `npm run chaos -- --seed ${seed}`,
    soak: false,
    seed,
    machine: { cpu: 'a cpu', cores: 2, node: 'v20.19.0', platform: 'linux' },
    topology: 'namespaces',
    zooKeeper: { version: '3.9.3', digestComplaint: null, differences: [] },
    system: {
      schedulers: 3,
      workers: 4,
      clients: 3,
      tasksPerSecond: 60,
      lastsMs: 600_000,
      sessionTimeoutMs: 6_000,
      tickMs: 500,
    },
    held: true,
    rules: [{ ...rule, verdict: 'held' }],
    verdicts: 'held  ends once',
    broken: [],
    statistics: {
      tasks: 1_500,
      acknowledged: 1_490,
      starts: 1_600,
      reassignments: 100,
      fencedWrites: 7,
      faults: { 'kill-leader': 2, 'kill-worker': 3 },
      leaderless: { killed: { ...none, count: killedMs.length, allMs: killedMs }, stopped: none },
    },
    fenced: { leaderWrites: 1, results: 4, resourceWrites: 7 },
    takenAway: { 'worker-lost': 30 },
    memory: { rss: [], heap: [] },
    size: { znodes: null, watches: null },
    ...given,
  };
}

test('several runs: a row each and their sum, faults by kind, leaderless time over all of them', (t) => {
  const page = reliabilityPage([report(1, {}, [2_000, 2_200]), report(2, {}, [6_000])]);
  t.regex(page, /2 runs, 20 minutes of faults: 10 faults, 3,000 tasks. Every promise held in 2 of 2/);
  t.regex(page, /\| 1 \| 10 \| 5 \| 1,500 \| 1,600 \| 100 \| 30 \| 1 \| 4 \| 7 \| held \|/);
  t.regex(page, /\| sum \| {2}\| 10 \| 3,000 \| 3,200 \| 200 \| 60 \| 2 \| 8 \| 14 \| {2}\|/);
  t.regex(page, /\| `kill-worker` \| 6 \|/);
  t.regex(page, /killed: 3 times: median 2,200 ms, p99 6,000 ms, most 6,000 ms/);
  t.regex(page, /stopped in order: never/);
});

test('a run in which replicas of ZooKeeper differ is told apart from one that Drover broke', (t) => {
  const zooKeeper = { version: '3.8.0', digestComplaint: null, differences: ['/tasks/00/x'] };
  const page = reliabilityPage([report(1), report(2, { held: false, zooKeeper })]);
  t.regex(page, /ZooKeeper 3.9.3 and 3.8.0/);
  t.regex(page, /In 1 run ZooKeeper's own replicas came to differ/);
  t.regex(page, /\| 2 \| .* \| \*\*replicas of ZooKeeper differ\*\* \|/);
});

test('a broken run is said plainly, with what repeats it and what was seen', (t) => {
  const page = reliabilityPage([
    report(1, { held: false, verdicts: 'broken  ends once', broken: ['w1 ended by itself'] }),
  ]);
  t.regex(page, /Every promise held in 0 of 1/);
  t.regex(page, /\*\*Broken\*\* in `npm run chaos -- --seed 1`/);
  t.regex(page, /w1 ended by itself/);
});

test('a target is missed when a rule was broken once, or a leader stayed away too long', (t) => {
  const broken = report(2);
  broken.rules = broken.rules.map((rule) => ({ ...rule, verdict: 'broken', violations: 1 }));
  t.deepEqual(
    targetsOf([report(1), broken]).map(({ met }) => met),
    [false, true],
  );
  t.deepEqual(
    targetsOf([report(1, {}, [7_500])]).map(({ met }) => met),
    [true, true],
  );
  t.deepEqual(
    targetsOf([report(1, {}, [7_501])]).map(({ met }) => met),
    [true, false],
  );
});

test('what was not there to be measured is not met', (t) => {
  const unchecked = report(1, {}, []);
  unchecked.rules = unchecked.rules.map((rule) => ({ ...rule, verdict: 'not checked', checked: 0 }));
  t.deepEqual(
    targetsOf([unchecked]).map(({ met }) => met),
    [null],
  );
  t.regex(reliabilityPage([unchecked]), /not checked in 1 of 1 runs \| none broken \| not checked \|/);
});

test('a page of less than ten times ten minutes says so', (t) => {
  t.regex(reliabilityPage([report(1)]), /A first look/);
  t.notRegex(reliabilityPage(Array.from({ length: 10 }, (_, seed) => report(seed))), /A first look/);
});

test('a soak is shown apart, with the growth of each process', (t) => {
  const trend = { name: 's1', firstMib: 40, lastMib: 41, maxMib: 45, mibPerHour: 0.5 };
  const growth = { first: 152, last: 152, max: 900, perHour: 0 };
  const page = reliabilityPage([
    report(1, { soak: true, memory: { rss: [trend], heap: [trend] }, size: { znodes: growth, watches: growth } }),
  ]);
  t.regex(page, /## Soak of 10 minutes/);
  t.regex(page, /\| s1, heap, MiB \| 40.0 \| 45.0 \| 41.0 \| 0.5 \|/);
  t.regex(page, /\| znodes \| 152 \| 900 \| 152 \| 0.0 \|/);
  t.notRegex(page, /## The runs/);
});

test('no runs make no page', (t) => {
  t.throws(() => reliabilityPage([]), { instanceOf: RangeError });
});

test('the method names flows where a run had some', (t) => {
  const { system } = report(1);
  t.false(reliabilityPage([report(1)]).includes('runs of a flow'));
  const page = reliabilityPage([report(1), report(2, { system: { ...system, runsPerSecond: 2 } })]);
  t.true(
    page.includes(
      'Some also start about 2 runs of a flow a second, with a map, a reduce and a signal, and broadcasts.',
    ),
  );
});
