import test from 'ava';
import { noResults, type Results } from '../results.js';
import { benchmarkPage } from './page.js';

const row = (name: string, rate: number, p50: number) => ({
  name,
  durability: 'fsync',
  tasks: 1_000,
  tasksPerSecond: { median: rate, min: rate * 0.9, max: rate * 1.1 },
  singleMs: { p50, p99: p50 * 3 },
});

const results: Results = {
  ...noResults(false),
  ensembles: [
    { servers: 1, rows: [row('ceiling: the bare protocol', 200_000, 2), row('Drover', 120_000, 2.5)], figures: [] },
  ],
  peers: {
    rows: [row('BullMQ (fsync per write)', 10_000, 1.5), row('pg-boss', 30_000, 200)],
    versions: ['Redis 7'],
    leftOut: ['x: y'],
  },
  figures: [{ name: 'memory', value: 40, unit: 'bytes', target: { atMost: 300 } }],
  curves: [
    {
      name: 'Batch size',
      xName: 'tasks',
      points: [
        { x: 1, tasksPerSecond: 5_000 },
        { x: 500, tasksPerSecond: 120_000 },
      ],
    },
  ],
};

test('the page says what was met, what was missed, and where a peer is ahead', (t) => {
  const { markdown } = benchmarkPage(results);
  t.regex(markdown, /beside BullMQ \(fsync per write\) \| 12 times \| >= 8 \| met \|/);
  t.regex(markdown, /beside pg-boss \| 4 times \| >= 5 \| missed \|/);
  t.regex(markdown, /memory \| 40 bytes \| <= 300 \| met/);
  t.regex(
    markdown,
    /What we are slower at\n\n- A single task in an idle system: BullMQ .* 1.5 ms, Drover on one server in 2.5 ms/,
  );
  t.regex(markdown, /Left out: x: y\./);
});

test('each chart that the page shows is there, with every figure in it', (t) => {
  const { markdown, charts } = benchmarkPage(results);
  const shown = [...markdown.matchAll(/\]\((benchmarks\/[^)]+)\)/g)].map(([, file]) => file ?? '');
  t.deepEqual(shown, Object.keys(charts));
  for (const value of ['200,000', '120,000', '10,000', '30,000'])
    t.true(charts['benchmarks/throughput.svg']?.includes(`>${value}<`), value);
  t.is(charts['benchmarks/batch-size.svg']?.match(/<circle/g)?.length, 2);
});

test('a run of few parts makes a page of few parts', (t) => {
  const { markdown, charts } = benchmarkPage(noResults(true));
  t.deepEqual(charts, {});
  t.regex(markdown, /quick form/);
});
