import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { judge } from '../src/report/judge.js';
import { reportText } from '../src/report/print.js';
import { run } from '../src/run/run.js';
import { pathsIn, withFolders, type Setup } from '../src/run/setup.js';

/** How soon is for a machine that has nothing else to do, and for `npm run chaos`. */
const TIMED = new Set([
  'recovery after the last fault',
  'a killed leader is replaced in time',
  'a stopped leader hands over at once',
  'orderly deploys cost nothing',
]);

/** The same code as `npm run chaos`, smaller. */
async function small(t: ExecutionContext, faults: readonly string[]): Promise<Setup> {
  const folder = await mkdtemp(path.join(tmpdir(), 'drover-chaos-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return withFolders({
    schedulers: 2,
    workers: 2,
    clients: 2,
    tasksPerSecond: 30,
    seed: 20_261,
    lastsMs: 15_000,
    faults,
    topology: null,
    sessionTimeoutMs: 2_000,
    tickMs: 500,
    retainMs: 10_000,
    calmMs: 5_000,
    heap: false,
    paths: pathsIn(folder),
  });
}

test('leader, workers and clients are killed, paused and cut off under load: every promise holds', async (t) => {
  const setup = await small(t, ['kill-leader', 'kill-worker', 'pause-worker', 'kill-client', 'cut-worker']);
  const told: string[] = [];
  const ran = await run(setup, new AbortController().signal, (line) => told.push(line));
  const report = await judge(setup, 'the short run', ran);
  const shown = [...told, reportText(report)].join('\n');
  t.deepEqual(report.broken, [], shown);
  for (const { name, verdict } of report.rules) t.true(verdict !== 'broken' || TIMED.has(name), shown);
  t.deepEqual(
    [...TIMED].filter((name) => !report.rules.some((rule) => rule.name === name)),
    [],
  );
  t.true(report.statistics.acknowledged > 100);
  t.true(Object.keys(report.statistics.faults).length >= 2, told.join('\n'));
});
