import { DayWorld, PLACES } from '../day/day.js';
import { bestFixed, percentile } from '../day/fixed.js';
import { arrivalsOf, HOUR_MS } from '../day/load.js';
import { sizeFor, type Effort } from '../effort.js';
import type { Figure } from './figure.js';

/** A simulated day of changing load: a group of workers that follows the leader's advice, beside the best fixed size. */
export function autoscale(effort: Effort): Promise<Figure[]> {
  const hours = 24;
  const peak = sizeFor(effort, { check: 4, quick: 20, full: 80 });
  const arrivals = arrivalsOf({ hours, peak, seed: 1 });
  const day = new DayWorld(arrivals).run(2 * hours * HOUR_MS);
  const p95Ms = percentile(day.waits, 0.95);
  const fixed = bestFixed(arrivals, PLACES, p95Ms);
  const hoursUsed = day.workerMs / HOUR_MS;
  const figure = (name: string, value: number, unit: string, target: Figure['target'] = null): Figure => ({
    ...{ name, value, unit, target },
  });
  return Promise.resolve([
    figure('tasks of the day', day.waits.length, ''),
    figure('hours of workers', hoursUsed, 'h'),
    figure('workers of the best fixed size', fixed, ''),
    figure('hours beside the best fixed size', (100 * hoursUsed) / (fixed * hours), '%', { atMost: 75 }),
    figure('hours beside those in which tasks ran', (100 * hoursUsed) / busyHours(arrivals), '%'),
    figure('most workers at a time', day.mostWorkers, ''),
    figure('median wait', percentile(day.waits, 0.5) / 1_000, 's'),
    figure('95th percentile of waits', p95Ms / 1_000, 's', { atMost: 60 }),
    figure('longest wait', percentile(day.waits, 1) / 1_000, 's'),
    figure('changes of wanted', changesOf(day.advice.map(({ wanted }) => wanted)), ''),
  ]);
}

const busyHours = (arrivals: readonly { runMs: number }[]): number =>
  arrivals.reduce((sum, { runMs }) => sum + runMs, 0) / PLACES / HOUR_MS;

const changesOf = (values: readonly number[]): number =>
  values.filter((value, at) => at > 0 && value !== values[at - 1]).length;
