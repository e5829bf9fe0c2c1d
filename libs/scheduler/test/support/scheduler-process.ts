import { DEFAULT_PLANNER_SETTINGS } from '@drover/planner';
import { silentLog, silentMetrics, type Log } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { LeastLoadedStrategy } from '@drover/strategies';
import { connectZooKeeper } from '@drover/zookeeper';
import { Scheduler } from '../../src/index.js';

/** A scheduler in a process of its own, to be stopped and continued: `node scheduler-process.js ID CONNECT TIMEOUT_MS`. */
const [id = '', connect = '', timeoutMs = ''] = process.argv.slice(2);
const log: Log = { ...silentLog, event: (name, fields) => process.send?.({ name, fields }) };
const scheduler = new Scheduler({
  ...{ id, host: 'test', pid: process.pid, version: '0', log, metrics: silentMetrics, runtime: systemRuntime },
  factory: connectZooKeeper,
  zookeeper: { connect, sessionTimeoutMs: Number(timeoutMs) },
  strategy: () => new LeastLoadedStrategy(),
  planner: DEFAULT_PLANNER_SETTINGS,
  intake: { maxTasks: 1_000_000, maxBytes: 1_000_000_000 },
});
process.once('disconnect', () => process.exit());
await scheduler.start();
