import { cpus } from 'node:os';
import type { RuleReport, Statistics } from '@drover/verify';
import type { Trend } from '../memory/trend.js';
import type { Setup } from '../run/setup.js';
import type { Topology } from '../system.js';
import type { ViewersReport } from './viewers.js';
import type { ZooKeeperWord } from './zookeeper-logs.js';

/** The results of one run: `--json` writes them, and the page is made from them. */
export interface ChaosReport {
  /** When it ended, ISO 8601. */
  at: string;
  /** The command that repeats it. */
  command: string;
  soak: boolean;
  seed: number;
  machine: { cpu: string; cores: number; node: string; platform: string };
  topology: Topology['kind'];
  zooKeeper: ZooKeeperWord & {
    /**
     * Paths whose data differs between the servers in the end: a defect of ZooKeeper, which Drover cannot make good.
     */
    differences: string[];
  };
  system: Pick<
    Setup,
    'schedulers' | 'workers' | 'clients' | 'tasksPerSecond' | 'lastsMs' | 'sessionTimeoutMs' | 'tickMs'
  > &
    // Absent in runs before there were flows.
    Partial<Pick<Setup, 'runsPerSecond'>>;
  /** Absent in runs before there were viewers; null: the run had none. */
  viewers?: ViewersReport | null;
  /** Every promise held, and nothing else was wrong. */
  held: boolean;
  rules: Pick<RuleReport, 'name' | 'says' | 'verdict' | 'checked' | 'violations' | 'reason'>[];
  /** Verdicts of the checker and the first violation, for people. */
  verdicts: string;
  /** Faults beyond the rules: processes that ended by themselves, errors in their logs, clients without an answer. */
  broken: string[];
  statistics: Statistics;
  fenced: Fenced;
  /** Tasks that were taken away from workers, by reason. */
  takenAway: Record<string, number>;
  memory: { rss: Trend[]; heap: Trend[] };
  size: { znodes: Growth | null; watches: Growth | null };
}

/** Numbers of writes that came too late and were refused. */
export interface Fenced {
  /** Transactions of deposed leaders, refused by ZooKeeper. */
  leaderWrites: number;
  /** Results of workers that had lost the tasks, refused by ZooKeeper. */
  results: number;
  /** Writes of attempts that were no longer the last, refused by the external resource. */
  resourceWrites: number;
}

export interface Growth {
  first: number;
  last: number;
  max: number;
  perHour: number;
}

export function thisMachine(): ChaosReport['machine'] {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? '?',
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  };
}
