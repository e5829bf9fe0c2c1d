import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parser } from '@prometheus-io/lezer-promql';
import { stringify } from 'yaml';
import { installPackage } from '../../../libs/embedded/dist/src/index.js';
import { METRICS } from '../../../libs/observability/dist/src/index.js';
import { ALERTS } from './alerts.mjs';
import { expressions, grafanaFiles } from './grafana.mjs';
import { series } from './promql.mjs';
import { rulesFile, rulesTest } from './rules.mjs';

const deploy = new URL('../../../deploy/', import.meta.url);
const RULES = fileURLToPath(new URL('prometheus/rules.yaml', deploy));

test('deploy/ is what the tables say (else: node tools/deploy.mjs)', async (t) => {
  for (const [name, text] of grafanaFiles()) t.is(await readFile(new URL(`grafana/${name}`, deploy), 'utf8'), text);
  t.is(await readFile(RULES, 'utf8'), rulesFile());
});

test('a metric or a label that no process has is an error of whoever writes a panel', (t) => {
  t.throws(() => series('drover_taks'), { message: 'there is no metric drover_taks' });
  t.throws(() => series('drover_tasks', { queue: 'mail' }), { message: 'drover_tasks has no label queue' });
  t.throws(() => series('drover_tasks_bucket'), { message: /no histogram/ });
});

test('every expression can be read, and names metrics and labels that there are', (t) => {
  const all = [
    ...expressions().map((expr) => expr.replaceAll('$__rate_interval', '5m')),
    ...ALERTS.map(({ expr }) => expr),
  ];
  for (const expr of all) {
    const { faults, names, labels } = namesIn(expr);
    t.deepEqual(faults, [], expr);
    t.true(names.length > 0, expr);
    const metrics = names.map((name) => METRICS[name.replace(/_(bucket|count|sum)$/, '')] ?? METRICS[name]);
    t.false(metrics.includes(undefined), expr);
    const known = ['instance', 'le', ...metrics.flatMap((metric) => metric.labels)];
    t.deepEqual(
      labels.filter((label) => !known.includes(label)),
      [],
      expr,
    );
  }
});

/** Metrics and labels of an expression, as the grammar of PromQL finds them. */
function namesIn(expr) {
  const found = { faults: [], names: [], labels: [] };
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const text = expr.slice(from, to);
      if (type.isError) found.faults.push(`${from}: ${text}`);
      if (type.name === 'Identifier') found.names.push(text);
      if (type.name === 'LabelName') found.labels.push(text);
    },
  });
  return found;
}

test('every panel has a place of its own', (t) => {
  for (const [name, text] of grafanaFiles()) {
    const { panels } = JSON.parse(text);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    t.is(new Set(cells).size, cells.length, name);
    t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  }
});

test('each alert fires on its series and is silent on healthy ones, as promtool sees it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-rules-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const tests = join(folder, 'tests.yaml');
  await writeFile(tests, rulesTest(RULES));
  if (!(await hasPromtool(t))) return;
  t.log(await promtool('check', 'rules', RULES));
  t.log(await promtool('test', 'rules', tests));
  t.pass();
});

test('every expression of the dashboards is one that Prometheus can read', async (t) => {
  if (!(await hasPromtool(t))) return;
  const folder = await mkdtemp(join(tmpdir(), 'drover-panels-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const rules = expressions().map((expr, n) => ({
    record: `panel:${n}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  const path = join(folder, 'panels.yaml');
  await writeFile(path, stringify({ groups: [{ name: 'panels', rules }] }));
  t.regex(await promtool('check', 'rules', path), /SUCCESS/);
});

/** The test says so where there is none and none can be installed: Debian's package `prometheus` has it. */
async function hasPromtool(t) {
  if (await promtool('--version').then(() => true, isThere)) return true;
  if (process.env.CI !== undefined && process.env.CI !== '') {
    await installPackage('prometheus');
    return true;
  }
  t.log('not run: there is no promtool here, and CI is not set');
  t.pass();
  return false;
}

function isThere(error) {
  if (error.code === 'ENOENT') return false;
  throw error;
}

function promtool(...args) {
  return new Promise((resolve, reject) => {
    execFile('promtool', args, { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout + stderr);
      else reject(error.code === 'ENOENT' ? error : new Error(`${error.message}\n${stdout}${stderr}`));
    });
  });
}
