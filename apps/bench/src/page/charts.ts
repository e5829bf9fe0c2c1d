import type { Comparison } from '../compare.js';
import type { Results } from '../results.js';
import { barChart, type Bar } from './bar-chart.js';
import { isOurs } from './beside-peers.js';
import { lineChart } from './line-chart.js';

export interface Chart {
  /** Relative to `docs`. */
  file: string;
  title: string;
  svg: string;
}

/** `folder`: of the charts, relative to `docs`. */
export function chartsOf(results: Results, folder: string): { throughput: Chart[]; curves: Chart[] } {
  const bars = throughputBars(results);
  const title = 'Tasks a second, submit to result read';
  const throughput = bars.length === 0 ? [] : [{ file: `${folder}/throughput.svg`, title, svg: barChart(title, bars) }];
  const curves = results.curves
    .filter(({ points }) => points.length > 1)
    .map(({ name, xName, points }) => {
      const file = `${folder}/${name.toLowerCase().replaceAll(' ', '-')}.svg`;
      const heading = `Throughput by ${name.toLowerCase()}`;
      const marks = points.map(({ x, tasksPerSecond }) => ({ x, y: tasksPerSecond }));
      return {
        file,
        title: heading,
        svg: lineChart({ title: heading, xName, yName: 'tasks a second', points: marks }),
      };
    });
  return { throughput, curves };
}

function throughputBars({ ensembles, peers }: Results): Bar[] {
  const own = ensembles.flatMap(({ servers, rows }) =>
    rows.map((row) => ({
      ...bar(row),
      name: `${isOurs(row) ? 'Drover' : 'ceiling'}, ${servers} server${servers === 1 ? '' : 's'}`,
    })),
  );
  return [...own, ...(peers?.rows ?? []).map(bar)];
}

const bar = (row: Comparison): Bar => ({ name: row.name, value: row.tasksPerSecond, accent: isOurs(row) });
