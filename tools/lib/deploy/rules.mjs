import { stringify } from 'yaml';
import { ALERTS } from './alerts.mjs';

const HEAD =
  '# Generated from tools/lib/deploy/alerts.mjs by `node tools/deploy.mjs`; a test compares. Change thresholds in a copy.\n';
const RUNBOOK = 'docs/operations.md#what-to-watch';

/** `deploy/prometheus/rules.yaml`. */
export function rulesFile() {
  const rules = ALERTS.map(({ name, expr, severity, summary, cure, ...rest }) => ({
    alert: name,
    expr,
    ...(rest.for === undefined ? {} : { for: rest.for }),
    labels: { severity },
    annotations: { summary, description: cure, runbook: RUNBOOK },
  }));
  return HEAD + stringify({ groups: [{ name: 'drover', rules }] }, { lineWidth: 0 });
}

/** Unit tests in the form of `promtool test rules`: each alert fires on its series, and is silent on the healthy ones. */
export function rulesTest(rulesPath) {
  const tests = ALERTS.flatMap(({ name, severity, firing, healthy, labels = {}, at = '25m' }) => {
    const expected = { exp_labels: { severity, ...labels } };
    return [testOf(name, firing, at, [expected]), testOf(name, healthy, at, [])];
  });
  return stringify({ rule_files: [rulesPath], evaluation_interval: '1m', tests }, { lineWidth: 0 });
}

function testOf(alertname, given, eval_time, expected) {
  const input_series = Object.entries(given).map(([series, values]) => ({ series, values }));
  const rule = ALERTS.find(({ name }) => name === alertname);
  const exp_alerts = expected.map(({ exp_labels }) => ({
    exp_labels,
    exp_annotations: annotationsOf(rule, exp_labels),
  }));
  return { interval: '1m', input_series, alert_rule_test: [{ eval_time, alertname, exp_alerts }] };
}

/** Annotations as Prometheus expands them. */
function annotationsOf({ summary, cure }, labels) {
  const expand = (text) => text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => labels[label]);
  return { summary: expand(summary), description: expand(cure), runbook: RUNBOOK };
}
