import type { METRICS } from './metrics-table.js';
import type { WeightedHistogram } from './weighted-histogram.js';

type Table = typeof METRICS;
export type MetricName = keyof Table;
type Kind = Table[MetricName]['kind'];
type NamesOf<Wanted extends Kind> = {
  [Name in MetricName]: Table[Name] extends { kind: Wanted; sampled: true }
    ? never
    : Table[Name]['kind'] extends Wanted
      ? Name
      : never;
}[MetricName];
type SampledNamesOf<Wanted extends Kind> = {
  [Name in MetricName]: Table[Name] extends { kind: Wanted; sampled: true } ? Name : never;
}[MetricName];

export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge'>;
export type HistogramName = NamesOf<'histogram'>;
/** Exactly the labels that the table lists; `{}` where it lists none. */
export type MetricLabels<Name extends MetricName> = Record<Table[Name]['labels'][number], string>;

/** Takes the values of one scrape. Of a metric with the same labels the last value counts. */
export interface Samples {
  number<Name extends SampledNamesOf<'gauge'> | SampledNamesOf<'counter'>>(
    name: Name,
    labels: MetricLabels<Name>,
    value: number,
  ): void;
  histogram<Name extends SampledNamesOf<'histogram'>>(
    name: Name,
    labels: MetricLabels<Name>,
    value: WeightedHistogram,
  ): void;
}

/** The metrics of the libraries. Names and labels come from one table, as with the events of a log. */
export interface Metrics {
  /** Adds `by`, default 1. */
  count<Name extends CounterName>(name: Name, labels: MetricLabels<Name>, by?: number): void;
  set<Name extends GaugeName>(name: Name, labels: MetricLabels<Name>, value: number): void;
  /** Shows no value of the gauge until it is set again: the process does not know the value any more. */
  clear(name: GaugeName): void;
  /** Seconds, unless the metric's name says otherwise. */
  observe<Name extends HistogramName>(name: Name, labels: MetricLabels<Name>, value: number): void;
  /** Asks `sampler` for values at each scrape: for what is counted too often, or kept elsewhere. Answers how to end it. */
  sampled(sampler: (samples: Samples) => void): () => void;
}

/** Metrics that drop everything, for tests and for libraries that are used without metrics. */
export const silentMetrics: Metrics = {
  count: () => undefined,
  set: () => undefined,
  clear: () => undefined,
  observe: () => undefined,
  sampled: () => () => undefined,
};
