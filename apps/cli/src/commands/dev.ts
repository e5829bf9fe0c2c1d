import { join } from 'node:path';
import { PortTakenError } from '@drover/embedded';
import { followLog } from '../cluster/follow-log.js';
import { howToLook } from '../cluster/how-to-look.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import type { Member } from '../cluster/member.js';
import { CLUSTER_OPTIONS, countOption, givenZooKeeper, memberArgs } from '../cluster/options.js';
import { showLogLine } from '../cluster/show-log.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { aborted } from '../interruption.js';
import { createColors } from '../terminal/colors.js';

const DEFAULT_PORT = 2181;

export const command: Command = {
  options: {
    port: { type: 'string', requiresArg: true, describe: `Of ZooKeeper (${DEFAULT_PORT}, or a free one)` },
    handlers: { type: 'string', requiresArg: true, describe: 'Handlers module of the workers' },
    concurrency: { type: 'string', requiresArg: true, describe: 'Tasks that a worker runs at the same time (8)' },
    ...CLUSTER_OPTIONS,
  },
  details: `An embedded ZooKeeper, three schedulers and three workers, each a process of its own; their logs on stderr. Data goes to
.drover/ in the current folder and is removed at the end. Ctrl-C stops everything.`,
  examples: [
    ['drover dev --handlers ./handlers.mjs', 'with your own task types'],
    ['drover dev --zookeepers 3', 'an ensemble'],
    ['drover dev --json', 'one document that says where everything is, when it is up'],
  ],
  run: runDev,
};

async function runDev(environment: Environment): Promise<number> {
  const { signal, json, stdout } = environment;
  const cluster = await startOnSomePort(environment);
  const following = json ? [] : await Promise.all(cluster.members.map((member) => showLog(environment, member)));
  try {
    await (json ? stdout.json(describeCluster(cluster)) : stdout.line(await welcome(environment, cluster)));
    await stdout.flush();
    await aborted(signal);
  } finally {
    await cluster.stop({ beforeRemoval: () => Promise.all(following.map((end) => end())) });
  }
  return EXIT.DONE;
}

/** A port that was asked for is that or an error; the usual one is only preferred. */
async function startOnSomePort(environment: Environment): Promise<LocalCluster> {
  const { args } = environment;
  const port = countOption(args, 'port', { min: 1, max: 65_535, otherwise: DEFAULT_PORT });
  try {
    return await startCluster(environment, port);
  } catch (error) {
    if (error instanceof PortTakenError && textArg(args, 'port') === undefined) return startCluster(environment, 0);
    throw error;
  }
}

async function startCluster(environment: Environment, port: number): Promise<LocalCluster> {
  const { args, json, runtime, signal, stderr } = environment;
  const shared = memberArgs(args, { sessionTimeout: '6s' });
  const forWorkers = ['handlers', 'concurrency'].flatMap((name) => {
    const value = textArg(args, name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  return LocalCluster.start({
    folder: join('.drover', `dev-${runtime.now().toString(36)}`),
    keep: flagArg(args, 'keep'),
    zookeepers: countOption(args, 'zookeepers', { min: 1, otherwise: 1 }),
    port,
    zk: givenZooKeeper(environment),
    chroot: '',
    schedulers: countOption(args, 'schedulers', { min: 1, otherwise: 3 }),
    workers: countOption(args, 'workers', { min: 0, otherwise: 3 }),
    schedulerArgs: shared,
    // A cluster of one developer's own: it offers everything.
    workerArgs: [...shared, '--builtin', 'shell,http,file', ...forWorkers],
    runtime,
    signal,
    note: (text) => {
      if (!json) void stderr.line(`drover: ${text}`);
    },
  });
}

async function showLog({ stderr, env, runtime }: Environment, { name, logPath }: Member): Promise<() => Promise<void>> {
  const { logLineFormatter } = await import('@drover/observability');
  const format = logLineFormatter({ colors: createColors(stderr.isTerminal, env).isColorSupported });
  return followLog(logPath, runtime, (line) => void stderr.escapedLine(showLogLine(name, line, format)));
}

function describeCluster(cluster: LocalCluster): object {
  const ofRole = (role: Member['role']) => cluster.members.filter((member) => member.role === role);
  return {
    zk: cluster.connect,
    zookeepers: cluster.zooKeeper.servers.map(({ connect, pid }) => ({ connect, pid })),
    schedulers: ofRole('scheduler').map(({ name, pid }) => ({ id: name, pid })),
    workers: ofRole('worker').map(({ name, pid }) => ({ name, pid })),
    folder: cluster.folder,
  };
}

async function welcome({ colors }: Environment, cluster: LocalCluster): Promise<string> {
  const { drover, zkCli } = await howToLook(cluster.connect);
  const commands = ['status', `submit echo --payload '{"hello":"world"}' --wait`, 'ls'].map(drover);
  return [
    `Up at ${colors.bold(cluster.connect)}: ${cluster.members.map(({ name }) => name).join(' ')}. From another terminal:`,
    ...[...commands, zkCli].map((text) => `  ${colors.bold(text)}`),
    `Data and logs: ${cluster.folder}. Ctrl-C stops everything.`,
  ].join('\n');
}
