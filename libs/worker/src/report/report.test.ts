import { decodeResult, type AssignmentRecord, type Batch } from '@drover/protocol';
import { DEFAULT_TASK_OPTIONS, LIMITS, toRanges, type Outcome } from '@drover/core';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { Work } from '../run/work.js';
import { packReports, takeBack, takeReport, type Report } from './report.js';

const BATCH = '01J9ZZZZZZZZZZZZZZZZZZZZZZ';

function workOf(indexes: readonly number[], timed?: true): Work {
  const count = Math.max(...indexes) + 1;
  const batch: Batch = {
    header: { queue: 'q', count, at: 0, client: 'c', groups: [{ ...DEFAULT_TASK_OPTIONS, type: 'noop', count }] },
    payload: () => 'null',
  };
  const record: AssignmentRecord = { v: 1, batch: BATCH, tasks: toRanges(indexes) as [number, number][], attempt: 1, epoch: 2, at: 0, timed }; // prettier-ignore
  return new Work(`/assignments/w-1/${BATCH}.e2-3`, record, 9n, batch);
}

const line = (size: number): string => `{"result":"${'x'.repeat(size)}","ms":0}`;
const namesOf = (reports: readonly Report[]): string[] =>
  reports.map(({ operations: [create] }) => create.path.slice(create.path.lastIndexOf('/') + 1));

function takeAll(work: Work, maxBytes: number): Report[] {
  const reports: Report[] = [];
  const reported = { worker: 'w-1', at: 5, nowMs: 0, spent: { ranUs: 7, heldUs: 11 } };
  for (
    let report = takeReport(work, reported, maxBytes);
    report !== null;
    report = takeReport(work, reported, maxBytes)
  )
    reports.push(report);
  return reports;
}

test('whole and succeeded is ok; whole and mixed is a part; both delete the assignment', (t) => {
  for (const [outcome, name] of [
    ['succeeded', 'e2-3.ok-7-11'],
    ['failed', 'e2-3.0'],
  ] as const) {
    // prettier-ignore
    const work = workOf([4, 5]);
    work.end(0, { outcome: 'succeeded', line: line(1) }, 0);
    work.end(1, { outcome, line: line(1) }, 0);
    const reports = takeAll(work, 1_000_000);
    t.deepEqual(namesOf(reports), [name]);
    t.deepEqual(reports[0]?.operations[1], { op: 'delete', path: work.path });
  }
});

test('a leader that asks how long each task took can read it: no report is ok, and what was told is told once', (t) => {
  const work = workOf([0, 1], true);
  const told: unknown[] = [];
  for (const [position, ms] of [20, 30].entries()) {
    work.busyMs += ms;
    work.end(position, { outcome: 'succeeded', line: line(1) }, 0);
    const [report] = takeAll(work, 1_000_000);
    const [create] = report?.operations ?? [];
    const data = Buffer.from(create?.op === 'create' ? String(create.data) : '');
    told.push(decodeResult('', data).header.busyUs);
    if (position === 1 && report !== undefined) {
      takeBack(report, 0);
      t.is(work.busyMs, 30, 'a report that is taken back was not told');
    }
  }
  t.deepEqual(told, [20_000, 30_000]);
});

test('what is to run later is told as failed to earlier releases, and each limit that is held once, for the longest time', (t) => {
  const work = workOf([0, 1, 2]);
  const later = { outcome: 'later' as const, line: '{"error":{"name":"E","message":"429","retryable":true},"ms":0}' };
  work.end(0, { ...later, retryAfterMs: 5, holds: ['stripe/acme'] }, 0);
  work.end(1, { ...later, retryAfterMs: 9, holds: ['stripe/acme', 'gpu'] }, 0);
  work.end(2, { ...later, outcome: 'failed', retryAfterMs: 9 }, 0);
  const [create] = takeAll(work, 1_000_000)[0]?.operations ?? [];
  const data = Buffer.from(create?.op === 'create' ? String(create.data) : '');
  const { header, ends } = decodeResult('', data);
  t.deepEqual(header.holds, [
    { limit: 'stripe/acme', ms: 9 },
    { limit: 'gpu', ms: 9 },
  ]);
  t.deepEqual(
    ends.map(({ outcome, retryAfterMs }) => [outcome, retryAfterMs]),
    [
      ['later', 5],
      ['later', 9],
      ['failed', 9],
    ],
  );
  const { tasks } = JSON.parse(data.toString().split('\n')[0] ?? '') as { tasks: unknown[][] };
  t.deepEqual(
    tasks.map((each) => each[2]),
    ['failed', 'failed', 'failed'],
  );
});

test('a part checks that the assignment exists, whatever the leader has written into it', (t) => {
  const work = workOf([0, 1, 2]);
  work.end(1, { outcome: 'succeeded', line: line(1) }, 0);
  const [part] = takeAll(work, 1_000_000);
  t.deepEqual(part?.operations[1], { op: 'check', path: work.path, version: 'any' });
  work.end(0, { outcome: 'succeeded', line: line(1) }, 0);
  work.end(2, { outcome: 'succeeded', line: line(1) }, 0);
  t.deepEqual(namesOf(takeAll(work, 1_000_000)), ['e2-3.1']);
});

test('a position ends once', (t) => {
  const work = workOf([0]);
  work.end(0, { outcome: 'cancelled', line: null }, 0);
  work.end(0, { outcome: 'succeeded', line: line(1) }, 0);
  t.is(takeAll(work, 1_000_000)[0]?.positions.length, 1);
  t.is(work.endAt(0).outcome, 'cancelled');
});

const outcome = fc.constantFrom<Outcome>(
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'cancelled',
  'returned',
  'lost',
);
const hasLine = (kind: Outcome): boolean => ['succeeded', 'failed', 'rejected', 'timed-out'].includes(kind);

testProp(
  'every task is reported once, as it ended, whatever the order and the sizes; only the last report ends the assignment',
  [
    fc.array(fc.record({ index: fc.nat(400), outcome, size: fc.nat(900), delay: fc.option(fc.nat(9), { nil: undefined }) }), { minLength: 1 }), // prettier-ignore
    fc.integer({ min: 400, max: 5_000 }),
    fc.nat(),
  ],
  (t, tasks, maxBytes, turn) => {
    const byIndex = new Map(tasks.map((task) => [task.index, task]));
    const indexes = [...byIndex.keys()].sort((a, b) => a - b);
    const work = workOf(indexes);
    const reports: Report[] = [];
    const order = indexes.map((_, i) => i).sort((a, b) => ((a * 7919 + turn) % 101) - ((b * 7919 + turn) % 101));
    for (const [step, position] of order.entries()) {
      const { outcome, size, delay } = byIndex.get(indexes[position] ?? 0) ?? { outcome: 'lost', size: 0 };
      const ended = { outcome, line: hasLine(outcome) ? line(size) : null };
      work.end(position, delay === undefined ? ended : { ...ended, retryAfterMs: delay }, 0);
      if (step % 5 === 0) reports.push(...takeAll(work, maxBytes));
    }
    reports.push(...takeAll(work, maxBytes));
    const told = reports.flatMap(({ operations: [create] }) => {
      const data = create.op === 'create' ? String(create.data) : '';
      return decodeResult(create.path, Buffer.from(data)).ends;
    });
    t.deepEqual(told.map((end) => end.index).sort((a, b) => a - b), indexes); // prettier-ignore
    for (const end of told) {
      const { outcome, delay } = byIndex.get(end.index) ?? {};
      t.deepEqual([end.outcome, end.retryAfterMs], [outcome, delay]);
    }
    t.deepEqual(reports.map((report) => report.isLast), reports.map((_, i) => i === reports.length - 1)); // prettier-ignore
    t.is(new Set(namesOf(reports)).size, reports.length);
  },
);

testProp(
  'packs keep every report in order, and hold more than the limit only where a single one does',
  [fc.array(fc.integer({ min: 1, max: 300_000 }))],
  (t, sizes) => {
    const operations = takeAll(finished(), 1_000)[0]?.operations;
    if (operations === undefined) return t.fail();
    const work = workOf([0]);
    const reports = sizes.map((bytes): Report => ({
      work,
      isLast: true,
      positions: [0],
      sinceMs: 0,
      part: 0,
      busyMs: 0,
      bytes,
      result: { name: 'e1-1.0', data: '' },
      operations,
    }));
    const packs = packReports(reports, LIMITS.multiBytes, LIMITS.multiOperations);
    t.deepEqual(packs.flat(), reports);
    for (const pack of packs) {
      const bytes = pack.reduce((sum, report) => sum + report.bytes, 0);
      t.true(pack.length === 1 || bytes <= LIMITS.multiBytes);
      t.true(pack.length * 2 <= LIMITS.multiOperations);
    }
  },
);

function finished(): Work {
  const work = workOf([0]);
  work.end(0, { outcome: 'succeeded', line: line(1) }, 0);
  return work;
}
