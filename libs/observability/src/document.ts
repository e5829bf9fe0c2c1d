import { EVENTS } from './events.js';
import { METRICS, type MetricDefinition } from './metrics-table.js';

/** `docs/events.md`, from the tables. */
export function eventsDocument(): string {
  const events = Object.entries(EVENTS).map(
    ([name, { level, fields, text }]) => `| \`${name}\` | ${level} | ${code(fields)} | ${text} |`,
  );
  return `${[HEAD, ...events].join('\n')}\n`;
}

/** `docs/metrics.md`, from the table. */
export function metricsDocument(): string {
  const metrics = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { kind, roles, labels, help }]) =>
      `| \`${name}\` | ${kind} | ${roles.join(', ')} | ${code(labels)} | ${help} |`,
  );
  return `${[METRICS_HEAD, ...metrics].join('\n')}\n`;
}

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

const HEAD = `# Events

<!-- Generated from libs/observability/src/events.ts by \`node tools/write-events.mjs\`; a test compares. -->

Every process logs to stderr: one JSON object a line (\`level\`, \`time\`, \`event\`, \`msg\`, what the process says of
itself, and the event's fields), or lines for people where stderr is a terminal. \`--log-level\` (or \`DROVER_LOG_LEVEL\`)
chooses the lowest level that is written. A line for people is the same line, written
\`[time] LEVEL: process text field=value\`. Fields whose names suggest secrets are written as \`[redacted]\`, those that
carry what users submit as \`[payload]\`, and long values are cut.

## Events

| event | level | fields | text |
| --- | --- | --- | --- |`;

const METRICS_HEAD = `# Metrics

<!-- Generated from libs/observability/src/metrics-table.ts by \`node tools/write-events.mjs\`; a test compares. -->

Every process has a registry of its own, with the rows of its kind of process and with those of Node.js (\`nodejs_*\`,
\`process_*\`). Schedulers and workers serve it at \`--ops-listen\`, schedulers at their API too. A client keeps them if
\`connect\` is given a registry, which the program serves itself:

\`\`\`ts
import { connect, createMetrics } from '@drover/client';
import { serveOps } from '@drover/ops';

const metrics = createMetrics();
const drover = await connect('127.0.0.1:2181', { metrics });
// The answer to a scrape: metrics.contentType, and await metrics.text(). Or with probes, by @drover/ops:
const ops = await serveOps({ listen: '127.0.0.1:9464', metrics, health: () => drover.health });
\`\`\`

Names, kinds and labels are stable from release to release. Seconds and bytes are base units. Queues and types beyond the
first hundred of a process are counted together as \`_other\`. No metric has the name of a worker, a task or a host as a label:
Prometheus adds \`instance\` itself.

The signal to be woken by and to scale on is the age of the oldest task that waits, not the number of tasks: a queue of a
million tasks may be served well, and one of three may stand still. [deploy/prometheus/rules.yaml](../deploy/prometheus/rules.yaml)
has alert rules, [deploy/grafana](../deploy/grafana) has dashboards; [operations](operations.md) says what to do.

| metric | kind | kept by | labels | meaning |
| --- | --- | --- | --- | --- |`;
