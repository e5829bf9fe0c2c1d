import test from 'ava';
import { createMetrics } from './index.js';
import { METRICS } from './metrics-table.js';

test('what was counted, set and observed is in the text', async (t) => {
  const metrics = createMetrics({ labels: { id: 's1' } });
  metrics.count('drover_ended_attempts_total', { outcome: 'lost' }, 3);
  metrics.count('drover_ended_attempts_total', { outcome: 'lost' });
  metrics.set('drover_leader', {}, 1);
  metrics.observe('drover_takeover_seconds', {}, 0.2);
  const text = await metrics.text();
  t.regex(text, /drover_ended_attempts_total\{outcome="lost",id="s1"\} 4/);
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
  for (let n = 0; n < 150; n++) metrics.count('drover_assigned_tasks_total', { queue: `q${n}` });
  metrics.count('drover_assigned_tasks_total', { queue: 'q0' });
  const text = await metrics.text();
  t.regex(text, /drover_assigned_tasks_total\{queue="q0"\} 2/);
  t.regex(text, /drover_assigned_tasks_total\{queue="_other"\} 50/);
  t.notRegex(text, /queue="q149"/);
});

test('a gauge that is cleared shows no value until it is set again', async (t) => {
  const metrics = createMetrics();
  metrics.set('drover_tasks', { state: 'pending' }, 5);
  metrics.clear('drover_tasks');
  t.notRegex(await metrics.text(), /drover_tasks\{/);
  metrics.set('drover_tasks', { state: 'pending' }, 6);
  t.regex(await metrics.text(), /drover_tasks\{state="pending"\} 6/);
});

test('a registry of a role has the rows of that role, and no others', async (t) => {
  for (const role of ['scheduler', 'worker', 'client'] as const) {
    const names = Object.entries(METRICS).filter(([, { roles }]) => (roles as readonly string[]).includes(role));
    const text = await createMetrics({ role }).text();
    const shown = [...text.matchAll(/^# HELP (drover_\w+) /gm)].map(([, name]) => name);
    t.deepEqual(shown.sort(), names.map(([name]) => name).sort(), role);
  }
});
