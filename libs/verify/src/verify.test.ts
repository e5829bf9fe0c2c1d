import test from 'ava';
import { end, fault, report, start, submit, told, written } from '../test/lines.js';
import { HistoryError } from './history-error.js';
import { renderReport } from './render.js';

const operations = [...submit(1_000), told(1_005, { attempt: 1 })];
const effects = [start(1_002), end(1_003)];

test('a good history holds; rules without their evidence say what they need', async (t) => {
  const { verdict, rules, statistics } = await report({ operations, effects });
  t.is(verdict, 'held');
  t.deepEqual(
    rules.filter((rule) => rule.verdict !== 'held').map(({ verdict, reason }) => [verdict, reason]),
    [
      ['not checked', 'no line has an id'],
      ['not checked', 'needs --faults'],
      ['not checked', 'needs --resource'],
      ['not checked', 'no task with a delay began'],
      ['not checked', 'no task that can expire, or has a deadline, was acknowledged'],
      ['not checked', 'no task with conditions began at a worker whose labels are known'],
      ['not checked', 'needs --faults'],
      ['not checked', 'needs --definitions'],
      ['not checked', 'needs --definitions'],
      ['not checked', 'no task with a unique mode began'],
      ['not checked', 'no submit with mode last, cancel or debounce was acknowledged'],
      ['not checked', 'no task with mode throttle or debounce began'],
      ['not checked', 'needs --definitions'],
      ['not checked', 'needs --definitions'],
      ['not checked', 'nothing of a sequence began'],
      ['not checked', 'no step of a run began'],
      ['not checked', 'nobody was told the end of a run'],
      ['not checked', 'no task of a broadcast began'],
      ['not checked', 'no handler wrote down what its task needs'],
      ['not checked', 'no task that is to be apart from others began at a worker whose labels are known'],
      ['not checked', 'needs --definitions'],
      ['not checked', 'needs --faults and --samples'],
      ['not checked', 'needs --samples'],
      ['not checked', 'needs --faults and --samples'],
      ['not checked', 'needs --faults and --samples'],
    ],
  );
  t.like(statistics, { tasks: 1, acknowledged: 1, starts: 1, reassignments: 0, fencedWrites: 0 });
});

test('empty histories prove nothing', async (t) => {
  t.is((await report({ operations: [], effects: [], resource: [], faults: [], samples: [] })).verdict, 'not checked');
});

test('what happened is counted', async (t) => {
  const { statistics } = await report({
    operations: [...operations, ...submit(1_000, { task: 'u' })],
    effects: [...effects, start(1_003, 2), start(1_004, 3)],
    resource: [written(1_005, 30), written(1_006, 10, false)],
    faults: [...fault(1, 1, 2), ...fault(2, 3, 4), ...fault(3, 5, 6, { fault: 'kill' })],
  });
  t.like(statistics, { tasks: 2, acknowledged: 2, starts: 3, reassignments: 2, fencedWrites: 1 });
  t.deepEqual(statistics.faults, { cut: 2, kill: 1 });
});

test('of several violations the earliest is the first, whatever the order of the lines', async (t) => {
  const { rules } = await report({ operations: [30, 10, 20].flatMap((at) => submit(at, { task: `t${at}` })) });
  const [rule] = rules;
  t.like(rule, { violations: 3, checked: 3, first: { task: 't10' } });
});

test('an entry that is none, and faults that do not pair, are refused', async (t) => {
  const refused = (lines: Parameters<typeof report>[0], message: RegExp) =>
    t.throwsAsync(report(lines), { instanceOf: HistoryError, message });
  await refused({ operations: [...operations, { at: -1 }] }, /operations: entry 4: at: Too small/);
  await refused({ operations: [{ ...told(1), outcome: undefined }] }, /entry 1: outcome: a result that is ok says how/);
  const line = { at: 1, call: 1, type: 'ok', op: 'set' };
  await refused({ definitions: [line] }, /definitions: entry 1: expected one of schedule, limit and queue/);
  await refused(
    { definitions: [{ ...line, schedule: 's', everyMs: 1 }] },
    /wall: a line about a schedule has the wall/,
  );
  await refused(
    { definitions: [{ ...line, schedule: 's', wall: 1 }] },
    /everyMs: a schedule that is set has everyMs, or/,
  );
  await refused({ faults: fault(1, 2, 3).slice(1) }, /fault 1 ends, but there is no begin of it/);
  await refused({ faults: [...fault(1, 2, 3), ...fault(1, 5, 6)] }, /fault 1 begins twice/);
});

test('a violation of several tasks says of which each line is', async (t) => {
  const unique = { key: 'k', mode: 'last' } as const;
  const lost = await report({
    operations: [...submit(1_000, { unique }), told(2_000, { outcome: 'cancelled' })],
    effects: [],
    faults: [],
  });
  t.regex(renderReport(lost), /key default\/k: t was acknowledged[^]+operations {2}submit ok +task=t unique=/);
});

test('the text has a line for each rule and the earliest violation with its history', async (t) => {
  const made = await report({
    operations: [...submit(1_000, { client: 'c1' })],
    effects,
    faults: fault(7, 1_001, null),
  });
  const text = renderReport({ ...made, notes: ['effects.ndjson line 3: half a line at the end was left out'] });
  t.regex(text, /^broken {7}acknowledged tasks end once +1 checked, 1 broken$/m);
  t.regex(text, /^held {9}attempts and tokens grow +1 checked$/m);
  t.regex(text, /^not checked {2}the resource takes no older token +needs --resource$/m);
  t.is(
    text.slice(text.indexOf('\n\neffects.ndjson')),
    `

effects.ndjson line 3: half a line at the end was left out

acknowledged tasks end once
task t: it was acknowledged, and nobody was ever told its end (at 0.001 s)
       0.000  operations  submit invoke  client=c1
       0.001  operations  submit ok      client=c1
       0.001  faults      begin          n=7 fault=cut target=w1
       0.002  effects     start          attempt=1 token=10 worker=w1
       0.003  effects     end            attempt=1 token=10 worker=w1`,
  );
});
