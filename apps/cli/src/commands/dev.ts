import { join } from 'node:path';
import { resolveWorkerConfig, workerFields } from '@drover/config';
import { PortTakenError } from '@drover/embedded';
import { DevReporter } from '../cluster/dev-reporter.js';
import { watchHandlers } from '../cluster/handlers-watch.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { CLUSTER_OPTIONS, CLUSTER_SIZES, countOption, memberArgs, text, zooKeeperFlag } from '../cluster/options.js';
import { Reloader } from '../cluster/reloader.js';
import { Supervisor } from '../cluster/supervisor.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { aborted } from '../interruption.js';
import { CONNECTION } from '../option-groups.js';

const DEFAULT_PORT = 2181;

export const command: Command = {
  options: {
    handlers: text('Handlers module of the workers'),
    watch: { type: 'boolean', describe: 'Restart the workers when the handlers change' },
    concurrency: text('Number of tasks that a worker runs at the same time', workerFields.concurrency.default),
    resources: text("Resources of the workers; several lists, one for each in turn, are separated by ';'", 'auto'),
    labels: text("Labels of the workers, e.g. zone=a; several lists, one for each in turn, are separated by ';'"),
    port: text('Port for ZooKeeper', `${DEFAULT_PORT}, or a free one`),
    ...CLUSTER_OPTIONS,
    zk: { ...text('Use this ZooKeeper instead of an embedded one'), group: CONNECTION },
  },
  details: `Starts an embedded ZooKeeper, three schedulers and three workers, each as a process of its own, with their logs on
stderr. A process that dies is restarted. Workers offer all built-in types, shell and http included. Data is in .drover/
below the current folder and is removed at the end. Ctrl-C stops everything. DROVER_ZK is ignored, so that the cluster it
names is left alone; use --zk to join that cluster.`,
  examples: [
    ['drover dev --handlers ./handlers.mjs --watch', 'your own task types, loaded again when they change'],
    ["drover dev --resources 'cpu=2;cpu=4,gpu=0|1' --labels 'zone=a;zone=b'", 'workers that differ from each other'],
    ['drover dev --zookeepers 3', 'with a ZooKeeper ensemble'],
    ['drover dev --json', 'for CI: the first line has the address and is printed when everything is ready'],
  ],
  run: runDev,
};

async function runDev(environment: Environment): Promise<number> {
  const { args, signal, runtime } = environment;
  const handlers = textArg(args, 'handlers');
  if (flagArg(args, 'watch') && handlers === undefined) throw new UsageError('--watch needs --handlers');
  const reporter = await DevReporter.create(environment);
  const cluster = await startOnSomePort(environment, reporter);
  const supervisor = new Supervisor({
    runtime,
    start: (role, name) => cluster.startMember(role, name),
    onEnded: (member, code, pauseMs) => reporter.memberEnded(member, code, pauseMs),
    onStarted: (member) => reporter.memberStarted(member),
    onFailed: (name, error) => reporter.memberFailed(name, error),
  });
  for (const member of cluster.members) supervisor.watch(member);
  let stopWatching = (): Promise<void> => Promise.resolve();
  try {
    await reporter.up(cluster);
    if (flagArg(args, 'watch') && handlers !== undefined) {
      const reloader = new Reloader({ handlers, cluster, supervisor, reporter });
      stopWatching = await watchHandlers(handlers, runtime, () => reloader.reload());
      reporter.watching(handlers);
    }
    await Promise.race([aborted(signal), reporter.closed()]);
    reporter.stopping();
  } finally {
    supervisor.stop();
    await stopWatching();
    await cluster.stop({ beforeRemoval: () => reporter.end() });
  }
  return EXIT.DONE;
}

/** A port that the user asked for is used or is an error; the usual port is only a preference. */
async function startOnSomePort(environment: Environment, reporter: DevReporter): Promise<LocalCluster> {
  const { args } = environment;
  const port = countOption(args, 'port', { min: 1, max: 65_535, otherwise: DEFAULT_PORT });
  try {
    return await startCluster(environment, reporter, port);
  } catch (error) {
    if (error instanceof PortTakenError && textArg(args, 'port') === undefined)
      return startCluster(environment, reporter, 0);
    throw error;
  }
}

async function startCluster(environment: Environment, reporter: DevReporter, port: number): Promise<LocalCluster> {
  const { args, env, runtime, signal } = environment;
  const shared = memberArgs(args);
  const forWorkers = ['handlers', 'concurrency'].flatMap((name) => {
    const value = textArg(args, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const inTurn = { resources: inTurnOf(args, 'resources', 'auto'), labels: inTurnOf(args, 'labels') };
  return LocalCluster.start({
    folder: join('.drover', `dev-${runtime.now().toString(36)}`),
    keep: flagArg(args, 'keep'),
    zookeepers: countOption(args, 'zookeepers', { min: 1, otherwise: CLUSTER_SIZES.zookeepers }),
    port,
    zk: zooKeeperFlag(args),
    chroot: '',
    schedulers: countOption(args, 'schedulers', { min: 1, otherwise: CLUSTER_SIZES.schedulers }),
    workers: countOption(args, 'workers', { min: 0, otherwise: CLUSTER_SIZES.workers }),
    schedulerArgs: shared,
    // They serve the logs of their runs.
    workerArgs: [...shared, '--ops-listen', '127.0.0.1:0', '--builtin', 'shell,http,file', ...forWorkers],
    argsOfWorker: (n) =>
      Object.entries(inTurn).flatMap(([name, lists]) => {
        const own = lists[n % lists.length];
        return own === undefined ? [] : [`--${name}`, own];
      }),
    env,
    runtime,
    signal,
    note: (note) => reporter.note(note),
  });
}

/** Lists of a setting of workers, one for each worker in turn; empty: none. Throws `ConfigError`. */
function inTurnOf(args: Environment['args'], name: 'resources' | 'labels', otherwise?: string): readonly string[] {
  const lists = (textArg(args, name) ?? otherwise)?.split(';') ?? [];
  for (const list of lists) resolveWorkerConfig({ flags: { [name]: list } });
  return lists;
}
