import { format } from '../print.js';
import type { Results } from '../results.js';

interface Published {
  /** Of our figure. */
  key: string;
  what: string;
  unit: string;
  /** The words of others on their own systems, each with its source: other machines, and other work. */
  others: string;
}

const PUBLISHED: readonly Published[] = [
  {
    key: 'placementsPerSecond',
    what: 'placements',
    unit: '/s',
    others:
      'Kubernetes asks 24 to 810 pods/s of its scheduler at 5,000 nodes ([scheduler_perf](https://github.com/kubernetes/kubernetes/tree/master/test/integration/scheduler_perf)); Kueue admits 15,000 workloads in 351 s, 43/s ([performance tests](https://github.com/kubernetes-sigs/kueue/tree/main/test/performance/scheduler)); Nomad placed 2 million containers at about 1,500/s, and a million at 3,750/s ([C2M](https://www.hashicorp.com/c2m), [C1M](https://www.hashicorp.com/c1m)); Slurm says 500 jobs/s ([high throughput](https://slurm.schedmd.com/high_throughput.html)); Dask needs 0.2 to 1 ms a task ([efficiency](https://distributed.dask.org/en/latest/efficiency.html))',
  },
  {
    key: 'decisionUs',
    what: 'from an end to the next decision, 10,000 workers',
    unit: 'µs',
    others:
      'Mesos needs about 1.2 s for an allocation cycle of 10,000 agents and 1,000 frameworks, 6.3 s before 1.8 ([performance of 1.8](https://mesos.apache.org/blog/performance-working-group-progress-report/))',
  },
  {
    key: 'drfDeviation',
    what: 'shares of accounts, from what is fair',
    unit: '%',
    others:
      'Choosy is 2 % from the optimum on average ([EuroSys 2013](https://dl.acm.org/doi/10.1145/2465351.2465387)); of Mesos, Armada and Kueue none is published',
  },
];

/** Others beside the figures of the planner; empty where these were not measured. */
export function besidePublished({
  named = {},
}: Partial<Pick<Results, 'named'>>): { heads: string[]; rows: string[][] } | null {
  const rows = PUBLISHED.flatMap(({ key, what, unit, others }) => {
    const value = named[key];
    return value === undefined ? [] : [[what, `${format(value)} ${unit}`, others]];
  });
  return rows.length === 0 ? null : { heads: ['', 'Drover', 'others publish'], rows };
}
