import { EVENTS } from './events.js';
import { METRICS, type MetricDefinition } from './metrics-table.js';

/** `docs/events.md`, from the tables. */
export function eventsDocument(): string {
  const events = Object.entries(EVENTS).map(
    ([name, { level, fields, text }]) => `| \`${name}\` | ${level} | ${code(fields)} | ${text} |`,
  );
  const metrics = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { kind, labels, help }]) => `| \`${name}\` | ${kind} | ${code(labels)} | ${help} |`,
  );
  return `${[HEAD, ...events, METRICS_HEAD, ...metrics].join('\n')}\n`;
}

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(' ');

const HEAD = `# Events and metrics

<!-- Generated from libs/observability/src (events.ts, metrics-table.ts) by \`node tools/write-events.mjs\`; a test compares. -->

Every process logs to stderr: one JSON object a line (\`level\`, \`time\`, \`event\`, \`msg\`, what the process says of
itself, and the event's fields), or lines for people where stderr is a terminal. \`--log-level\` (or \`DROVER_LOG_LEVEL\`)
chooses the lowest level that is written. A line for people is the same line, written
\`[time] LEVEL: process text field=value\`. Fields whose names suggest secrets are written as \`[redacted]\`, those that
carry what users submit as \`[payload]\`, and long values are cut.

## Events

| event | level | fields | text |
| --- | --- | --- | --- |`;

const METRICS_HEAD = `
## Metrics

Every scheduler and worker keeps them in a registry of its own, with those of Node.js (\`nodejs_*\`, \`process_*\`), and serves
them at \`--ops-listen\`. A client keeps them where \`connect\` is given a registry. Queues and types beyond the first hundred
of a process are counted together as \`_other\`.

| metric | kind | labels | meaning |
| --- | --- | --- | --- |`;
