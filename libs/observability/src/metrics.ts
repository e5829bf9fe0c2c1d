import type { METRICS } from './metrics-table.js';

type Table = typeof METRICS;
export type MetricName = keyof Table;
type NamesOf<Kind extends Table[MetricName]['kind']> = {
  [Name in MetricName]: Table[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
/** Exactly the labels that the table lists; `{}` where it lists none. */
export type MetricLabels<Name extends MetricName> = Record<Table[Name]['labels'][number], string>;

/** The metrics of the libraries. Names and labels come from one table, as with the events of a log. */
export interface Metrics {
  /** Adds `by`, default 1. */
  count<Name extends CounterName>(name: Name, labels: MetricLabels<Name>, by?: number): void;
  set<Name extends GaugeName>(name: Name, labels: MetricLabels<Name>, value: number): void;
  /** Shows no value of the gauge until it is set again: the process does not know the value any more. */
  clear(name: GaugeName): void;
  /** Seconds, unless the metric's name says otherwise. */
  observe<Name extends HistogramName>(name: Name, labels: MetricLabels<Name>, value: number): void;
}

/** Metrics that drop everything, for tests and for libraries that are used without metrics. */
export const silentMetrics: Metrics = {
  count: () => undefined,
  set: () => undefined,
  clear: () => undefined,
  observe: () => undefined,
};
