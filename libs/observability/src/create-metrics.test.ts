import test from 'ava';
import { createMetrics, WeightedHistogram } from './index.js';
import { METRICS } from './metrics-table.js';

test('what was counted, set and observed is in the text', async (t) => {
  const metrics = createMetrics({ labels: { id: 's1' } });
  metrics.count('drover_revoked_assignments_total', { reason: 'worker-lost' }, 3);
  metrics.count('drover_revoked_assignments_total', { reason: 'worker-lost' });
  metrics.set('drover_leader', {}, 1);
  metrics.observe('drover_takeover_seconds', {}, 0.2);
  const text = await metrics.text();
  t.regex(text, /drover_revoked_assignments_total\{reason="worker-lost",id="s1"\} 4/);
  t.regex(text, /drover_leader\{id="s1"\} 1/);
  t.regex(text, /drover_takeover_seconds_bucket\{le="0\.25",id="s1"\} 1/);
});

test('two registries share nothing, and each has every metric of the table', async (t) => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.count('drover_fenced_writes_total', {});
  t.notRegex(await other.text(), /drover_fenced_writes_total 1/);
  for (const name of Object.keys(METRICS)) t.regex(await other.text(), new RegExp(`# HELP ${name} `));
});

test('names follow the conventions of Prometheus', (t) => {
  for (const [name, { kind }] of Object.entries(METRICS)) {
    t.regex(name, /^drover_[a-z_]+$/);
    t.is(name.endsWith('_total'), kind === 'counter', name);
  }
});

test('names beyond the first hundred of a label are counted together', async (t) => {
  const metrics = createMetrics();
  const seen = (type: string): void => metrics.observe('drover_handler_seconds', { type, outcome: 'succeeded' }, 1);
  for (let n = 0; n < 150; n++) seen(`t${n}`);
  seen('t0');
  const text = await metrics.text();
  t.regex(text, /drover_handler_seconds_count\{type="t0",outcome="succeeded"\} 2/);
  t.regex(text, /drover_handler_seconds_count\{type="_other",outcome="succeeded"\} 50/);
  t.notRegex(text, /type="t149"/);
});

test('a gauge that is cleared shows no value until it is set again', async (t) => {
  const metrics = createMetrics();
  metrics.set('drover_epoch', {}, 5);
  metrics.clear('drover_epoch');
  t.notRegex(await metrics.text(), /^drover_epoch [1-9]/m);
  metrics.set('drover_epoch', {}, 6);
  t.regex(await metrics.text(), /^drover_epoch 6$/m);
});

test('values that are looked up are those of the scrape, and gone when nobody gives them', async (t) => {
  const metrics = createMetrics();
  let pending = 5;
  const wait = new WeightedHistogram([0.1, 1]);
  wait.observe(0.05, 500);
  wait.observe(0.5);
  wait.observe(7, 2);
  const end = metrics.sampled((samples) => {
    samples.number('drover_tasks', { state: 'pending' }, pending);
    samples.histogram('drover_queue_wait_seconds', { queue: 'q' }, wait);
  });
  const first = await metrics.text();
  t.regex(first, /^drover_tasks\{state="pending"\} 5$/m);
  t.regex(first, /^drover_queue_wait_seconds_bucket\{le="0\.1",queue="q"\} 500$/m);
  t.regex(first, /^drover_queue_wait_seconds_bucket\{le="1",queue="q"\} 501$/m);
  t.regex(first, /^drover_queue_wait_seconds_bucket\{le="\+Inf",queue="q"\} 503$/m);
  t.regex(first, /^drover_queue_wait_seconds_sum\{queue="q"\} 39\.5$/m);
  t.regex(first, /^drover_queue_wait_seconds_count\{queue="q"\} 503$/m);
  pending = 6;
  t.regex(await metrics.text(), /^drover_tasks\{state="pending"\} 6$/m);
  end();
  t.notRegex(await metrics.text(), /^drover_tasks\{/m);
});

test('a registry of a role has the rows of that role, and no others', async (t) => {
  for (const role of ['scheduler', 'worker', 'client'] as const) {
    const names = Object.entries(METRICS).filter(([, { roles }]) => (roles as readonly string[]).includes(role));
    const text = await createMetrics({ role }).text();
    const shown = [...text.matchAll(/^# HELP (drover_\w+) /gm)].map(([, name]) => name);
    t.deepEqual(shown.sort(), names.map(([name]) => name).sort(), role);
  }
});
