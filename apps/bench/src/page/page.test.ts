import test from 'ava';
import { noResults, type Results } from '../results.js';
import { benchmarkPage } from './page.js';

const around = (median: number) => ({ median, min: median * 0.9, max: median * 1.1 });
const row = (name: string, rate: number, p50: number) => ({
  name,
  durability: 'fsync',
  tasks: 1_000,
  runs: 3,
  tasksPerSecond: around(rate),
  singleMs: { p50: around(p50), p99: around(p50 * 3) },
});
const curve = (name: string, xName: string, points: readonly (readonly [x: number, y: number])[]) => ({
  name,
  xName,
  points: points.map(([x, y]) => ({ x, tasksPerSecond: around(y) })),
});

const results: Results = {
  ...noResults('full'),
  finished: true,
  ensembles: [
    { servers: 1, rows: [row('ceiling: the bare protocol', 200_000, 2), row('Drover', 120_000, 2.5)], figures: [] },
    {
      servers: 3,
      rows: [row('Drover', 60_000, 5)],
      figures: [{ name: 'p99', value: around(3), unit: 'of the ceiling', target: { atMost: 2 }, runs: 3 }],
    },
  ],
  peers: {
    rows: [row('BullMQ (fsync per write)', 10_000, 1.5), row('pg-boss', 30_000, 200)],
    leftOut: ['x: y'],
  },
  figures: [
    { part: 'million', rows: [{ name: 'memory', value: around(40), unit: 'bytes', target: { atMost: 300 }, runs: 3 }] },
  ],
  curves: [
    curve('Batch size', 'tasks', [
      [1, 5_000],
      [500, 120_000],
    ]),
    curve('Payload', 'bytes', [
      [0, 120_000],
      [1, 110_000],
      [65_536, 9_000],
    ]),
    curve('Servers', 'servers', [
      [1, 110_000],
      [5, 40_000],
    ]),
  ],
  failed: [{ part: 'idle', reason: 'out of memory' }],
};
const { markdown, charts } = benchmarkPage(results);

test('the page says what was met and what was missed, each with the spread of its runs', (t) => {
  t.regex(markdown, /beside BullMQ \(fsync per write\) \| 12 times \| 9.82 to 14.7 \| >= 8 \| met \|/);
  t.regex(markdown, /beside pg-boss \| 4 times \| 3.27 to 4.89 \| >= 5 \| missed \|/);
  t.regex(markdown, /memory \| 40 bytes \| 36 to 44 \| <= 300 \| met/);
  t.regex(markdown, /Left out: x: y\./);
});

test('it says where a peer is ahead, which targets were missed, and what failed', (t) => {
  const [, slower = ''] = markdown.split('## What we are slower at');
  t.regex(slower, /\| the peer \| Drover, one server \| Drover, 3 servers \|/);
  t.regex(slower, /\| a single task, p50: BullMQ \(fsync per write\) \| 1.5 ms \| 2.5 ms \| 5 ms \|/);
  t.notRegex(slower, /pg-boss/);
  t.regex(slower, /- p99 \(3 servers\): 3 of the ceiling, target <= 2/);
  t.regex(slower, /- idle: out of memory/);
});

test('each chart that the page shows is there, with every figure in it', (t) => {
  const shown = [...markdown.matchAll(/\]\((benchmarks\/[^)]+)\)/g)].map(([, file]) => file ?? '');
  t.deepEqual(shown, Object.keys(charts));
  for (const value of ['200,000', '120,000', '10,000', '30,000'])
    t.true(charts['benchmarks/throughput.svg']?.includes(`>${value}<`), value);
  t.is(charts['benchmarks/batch-size.svg']?.match(/<circle/g)?.length, 2);
});

test('0 has a place of its own on a logarithmic axis', (t) => {
  const xs = [...(charts['benchmarks/payload.svg'] ?? '').matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  t.is(xs.length, 3);
  t.deepEqual(
    xs,
    xs.toSorted((a, b) => a - b),
  );
  t.true((xs[1] ?? 0) - (xs[0] ?? 0) > 40);
});

test('a chart says its figures in words', (t) => {
  for (const chart of Object.values(charts))
    t.regex(chart, /role="img" .*\n<title id="title">.+<\/title>\n<desc id="desc">.*\d/);
});

test('a run that was cut short makes a page of what it has, and says so', (t) => {
  const page = benchmarkPage(noResults('quick'));
  t.deepEqual(page.charts, {});
  t.regex(page.markdown, /\*\*quick\*\* form/);
  t.regex(page.markdown, /cut short/);
});
