import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { SCHEDULES } from '../src/definitions/schedules.js';
import { judge } from '../src/report/judge.js';
import { reportText } from '../src/report/print.js';
import { run } from '../src/run/run.js';
import { SMALL } from '../src/scenario/scenario.js';
import { pathsIn, withFolders, type Setup } from '../src/run/setup.js';

/** How soon is for a machine that has nothing else to do, and for `npm run chaos`. */
const TIMED = new Set([
  'recovery after the last fault',
  'a killed leader is replaced in time',
  'a stopped leader hands over at once',
  'orderly deploys cost nothing',
  'throttle and debounce wait',
  'expiry and deadlines hold',
  'limits of rates hold',
]);

/** Rules that this run must have something for: a rule that is not checked proves nothing. */
const CHECKED = [
  'acknowledged tasks end once',
  'second starts are explained',
  'each time fires once',
  'fires do not overlap',
  'one task of a key at a time',
  'once more: no submit of a key is lost',
  'limits of concurrency hold',
  'sequences run in order',
];

/** The same code as `npm run chaos`, smaller. */
async function small(t: ExecutionContext, faults: readonly string[]): Promise<Setup> {
  const folder = await mkdtemp(path.join(tmpdir(), 'drover-chaos-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return withFolders({
    schedulers: 2,
    workers: 2,
    clients: 2,
    httpClients: 0,
    viewers: null,
    tasksPerSecond: 20,
    runsPerSecond: 0,
    // Its first round kills the leader and a client, and cuts off a worker.
    seed: 20_491,
    lastsMs: 5_000,
    scenario: SMALL,
    faults,
    topology: null,
    sessionTimeoutMs: 2_000,
    tickMs: 500,
    retainMs: 10_000,
    calmMs: 3_000,
    schedules: SCHEDULES,
    heap: false,
    paths: pathsIn(folder),
  });
}

test('leader, workers and clients are killed and cut off under load, with schedules and unique keys: every promise holds', async (t) => {
  const setup = await small(t, ['kill-leader', 'kill-worker', 'pause-worker', 'kill-client', 'cut-worker']);
  const told: string[] = [];
  const ran = await run(setup, new AbortController().signal, (line) => told.push(line));
  const report = await judge(setup, 'the short run', ran);
  const shown = [...told, reportText(report)].join('\n');
  t.deepEqual(report.broken, [], shown);
  for (const { name, verdict } of report.rules) t.true(verdict !== 'broken' || TIMED.has(name), shown);
  for (const name of CHECKED) t.is(report.rules.find((rule) => rule.name === name)?.verdict, 'held', name);
  t.deepEqual(
    [...TIMED].filter((name) => !report.rules.some((rule) => rule.name === name)),
    [],
  );
  t.true(report.statistics.acknowledged > 100);
  t.true(Object.keys(report.statistics.faults).length >= 2, told.join('\n'));
});
