import { METRICS } from '../../../libs/observability/dist/src/index.js';

/** Labels that Prometheus itself adds, and those of buckets. */
const OF_PROMETHEUS = ['instance', 'job', 'le'];

/**
 * Expressions over the table of metrics: a name or a label that is not in it is an error here, so that no dashboard and no
 * alert can ask for what no process has.
 */

/** `drover_tasks{state="pending"}`. Values of `where` that begin with `~` are patterns. */
export function series(name, where = {}) {
  const suffix = suffixOf(name);
  const { labels } = definitionOf(name.slice(0, name.length - suffix.length), suffix);
  for (const label of Object.keys(where)) mustHave(name, labels, label);
  const matchers = Object.entries(where).map(([label, value]) =>
    value.startsWith('~') ? `${label}=~${JSON.stringify(value.slice(1))}` : `${label}=${JSON.stringify(value)}`,
  );
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`;
}

/** `sum by (queue) (...)`; with no labels `sum(...)`. */
export function aggregate(operator, by, name, inner) {
  const { labels } = definitionOf(name, '');
  for (const label of by) mustHave(name, labels, label);
  return by.length === 0 ? `${operator}(${inner})` : `${operator} by (${by.join(', ')}) (${inner})`;
}

/** How fast a counter grows, summed. */
export function rate(name, { by = [], where = {}, range = '$__rate_interval' } = {}) {
  return aggregate('sum', by, name, `rate(${series(name, where)}[${range}])`);
}

/** By how much a counter has grown. */
export function increase(name, { by = [], where = {}, range }) {
  return aggregate('sum', by, name, `increase(${series(name, where)}[${range}])`);
}

/** A quantile of a histogram. */
export function quantile(q, name, { by = [], where = {}, range = '$__rate_interval' } = {}) {
  const buckets = `rate(${series(`${name}_bucket`, where)}[${range}])`;
  return `histogram_quantile(${q}, ${aggregate('sum', ['le', ...by], name, buckets)})`;
}

function suffixOf(name) {
  return /_bucket$|_count$|_sum$/.exec(name)?.[0] ?? '';
}

function definitionOf(name, suffix) {
  const definition = METRICS[name];
  if (definition === undefined) throw new Error(`there is no metric ${name}`);
  if (suffix !== '' && definition.kind !== 'histogram')
    throw new Error(`${name} is no histogram, so it has no ${suffix}`);
  return definition;
}

function mustHave(name, labels, label) {
  if (!labels.includes(label) && !OF_PROMETHEUS.includes(label)) throw new Error(`${name} has no label ${label}`);
}
