import type { Log, Metrics } from '@drover/observability';
import type { PlannerSettings } from '@drover/planner';
import type { ZoneData } from '@drover/schedules';
import type { Runtime } from '@drover/runtime';
import type { StrategyFactory } from '@drover/strategies';
import type { IntakeLimits } from './term/intake.decide.js';
import type { ZooKeeperFactory, ZooKeeperOptions } from '@drover/zookeeper';

/** The options of a scheduler. */
export interface SchedulerOptions {
  /** Unique among the replicas. */
  id: string;
  host: string;
  pid: number;
  /** The version of the program. */
  version: string;
  factory: ZooKeeperFactory;
  zookeeper: Omit<ZooKeeperOptions, 'runtime'>;
  runtime: Runtime;
  log: Log;
  metrics: Metrics;
  strategy: StrategyFactory;
  planner: PlannerSettings;
  intake: IntakeLimits;
  /** Fires of schedules are held while ZooKeeper's clock and this host's differ by more, in milliseconds. Default: a minute. */
  maxClockSkewMs?: number;
  /** Default: those of this process. A simulation gives its schedulers different ones. */
  zoneData?: ZoneData;
}
