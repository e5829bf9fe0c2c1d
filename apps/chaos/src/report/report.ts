import { cpus } from 'node:os';
import type { RuleReport, Statistics } from '@drover/verify';
import type { Trend } from '../memory/trend.js';
import type { Setup } from '../run/setup.js';
import type { Topology } from '../system.js';
import type { ZooKeeperWord } from './zookeeper-logs.js';

/** Everything that one run showed: what `--json` writes and the page is made of. */
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
    /** What is not the same on all servers in the end. Nothing that is built on them can keep a promise then. */
    differences: string[];
  };
  system: Pick<
    Setup,
    'schedulers' | 'workers' | 'clients' | 'tasksPerSecond' | 'lastsMs' | 'sessionTimeoutMs' | 'tickMs'
  >;
  /** Every promise held, and nothing else was wrong. */
  held: boolean;
  rules: Pick<RuleReport, 'name' | 'says' | 'verdict' | 'checked' | 'violations' | 'reason'>[];
  /** Verdicts of the checker and the first violation, for people. */
  verdicts: string;
  /** What was wrong beyond the rules: processes that ended by themselves, errors in their logs, clients without an answer. */
  broken: string[];
  statistics: Statistics;
  fenced: Fenced;
  /** Tasks that were taken away from workers, by reason. */
  takenAway: Record<string, number>;
  memory: { rss: Trend[]; heap: Trend[] };
  size: { znodes: Growth | null; watches: Growth | null };
}

/** What came too late and was refused. */
export interface Fenced {
  /** Transactions of deposed leaders, by ZooKeeper. */
  leaderWrites: number;
  /** Results of workers that had lost the work, by ZooKeeper. */
  results: number;
  /** Writes of attempts that were no longer the last, by the external resource. */
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
