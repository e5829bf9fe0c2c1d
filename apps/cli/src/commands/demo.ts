import { inBackground, toldElsewhere } from '@drover/runtime';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { howToLook } from '../cluster/how-to-look.js';
import { LocalCluster } from '../cluster/local-cluster.js';
import { CLUSTER_OPTIONS, CLUSTER_SIZES, countOption, memberArgs, text, zooKeeperFlag } from '../cluster/options.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { countRuns, flowEvidence, gatherEvidence, type Check } from '../demo/evidence.js';
import { runPage, showFlow, type FlowShow } from '../demo/flow-show.js';
import { runJob, type JobTask } from '../demo/job.js';
import { reportDocument, showReport, type DemoReport } from '../demo/report.js';
import { killLeader, type Takeover } from '../demo/takeover.js';
import { makeTraffic } from '../demo/traffic.js';
import { demoTasks } from '../demo/work.js';
import { readHeld, removeRoot } from '../demo/znodes.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { aborted, untilInterrupted } from '../interruption.js';
import { createColors } from '../terminal/colors.js';
import { NO_PROGRESS, startProgress } from '../terminal/progress.js';

const HANDLERS = fileURLToPath(new URL('../demo/handlers.js', import.meta.url));
/** The folder of the repository in which this program is built. */
const PROJECT = fileURLToPath(new URL('../../../../../', import.meta.url));

export const command: Command = {
  options: {
    once: { type: 'boolean', describe: 'Exit when the job is done, also on a terminal' },
    path: text('Folder of the files to process', 'the project itself'),
    ...CLUSTER_OPTIONS,
    zk: text('Use this ZooKeeper instead of an embedded one [DROVER_ZK]'),
  },
  details: `Starts a ZooKeeper, three schedulers and three workers as processes of their own, gives them a task for every text file
of the project and several hundred that compute, kills the leader halfway with SIGKILL, and checks from the znodes that
nothing was lost or accepted twice. Then it does the same to a flow: a map over ranges of numbers, and a reduce. On a terminal
it then stays up to be looked at; else it ends with 0 or 1.`,
  examples: [
    ['drover demo', 'watch it, then look around until Ctrl-C'],
    ['drover demo --once --json', 'for programs'],
    ['drover demo --zookeepers 3 --workers 8', 'larger'],
  ],
  run: runDemo,
};

async function runDemo(environment: Environment): Promise<number> {
  const { args, json, stdout, runtime, signal } = environment;
  await checkFolder(textArg(args, 'path') ?? PROJECT);
  const id = `demo-${runtime.now().toString(36)}`;
  const zk = zooKeeperFlag(args) ?? (environment.env.DROVER_ZK || null);
  const cluster = await startCluster(environment, id, zk);
  try {
    const report = await untilInterrupted(signal, () => perform(environment, cluster));
    await (json ? stdout.json(reportDocument(report)) : stdout.line(`\n${showReport(report, environment.colors)}`));
    await stdout.flush();
    const stays = stdout.isTerminal && !json && !flagArg(args, 'once');
    if (stays) await stayUp(environment, cluster, report.flow);
    return report.checks.every(({ ok }) => ok) ? EXIT.DONE : EXIT.FAILED;
  } finally {
    await say(environment, 'stopping everything');
    await cluster.stop({ beforeZooKeeper: async () => (zk === null ? undefined : removeRoot(cluster.connect)) });
  }
}

/** Checks the folder before anything is started. Throws `UsageError`. */
async function checkFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() !== true) throw new UsageError(`--path: there is no folder ${path}`);
}

async function startCluster(environment: Environment, id: string, zk: string | null): Promise<LocalCluster> {
  const { args, env, runtime, signal } = environment;
  const shared = memberArgs(args, { sessionTimeout: '3s' });
  return LocalCluster.start({
    folder: join('.drover', id),
    keep: flagArg(args, 'keep'),
    zookeepers: countOption(args, 'zookeepers', { min: 1, otherwise: CLUSTER_SIZES.zookeepers }),
    port: 0,
    zk,
    chroot: `/${id}`,
    schedulers: countOption(args, 'schedulers', { min: 2, otherwise: CLUSTER_SIZES.schedulers }),
    workers: countOption(args, 'workers', { min: 1, otherwise: CLUSTER_SIZES.workers }),
    schedulerArgs: shared,
    workerArgs: [
      ...shared,
      '--builtin',
      'shell,http,file',
      '--handlers',
      HANDLERS,
      '--concurrency',
      '4',
      '--compute-threads',
      '1',
    ],
    env,
    runtime,
    signal,
    note: (note) => inBackground(say(environment, note), toldElsewhere),
  });
}

/** The job first, then the flow. */
async function perform(environment: Environment, cluster: LocalCluster): Promise<DemoReport> {
  const trace = join(cluster.folder, 'trace.log');
  const done = await performJob(environment, cluster, trace);
  const { flow, checks } = await performFlow(environment, cluster, { trace, ...done });
  return { ...done, flow, checks: [...done.checks, ...checks] };
}

/** With as many schedulers as before: the one that was killed comes back as a follower. */
async function performFlow(
  environment: Environment,
  cluster: LocalCluster,
  { trace, job, takeover }: { trace: string; job: readonly JobTask[]; takeover: Takeover },
): Promise<{ flow: FlowShow; checks: Check[] }> {
  await cluster.startMember('scheduler', takeover.before.id);
  const dashboard = await cluster.dashboard('follower');
  const tell = (text: string): Promise<void> => say(environment, text);
  const flow = await showFlow({ cluster, runtime: environment.runtime, trace, dashboard, say: tell });
  const [held, runs] = await Promise.all([readHeld(cluster.connect), runsIn(trace)]);
  return { flow, checks: flowEvidence(flow, job, held, runs) };
}

const runsIn = async (trace: string): Promise<ReturnType<typeof countRuns>> => countRuns(await readFile(trace, 'utf8'));

/** Runs the job, kills the leader in the middle, and gathers the evidence. */
async function performJob(
  environment: Environment,
  cluster: LocalCluster,
  trace: string,
): Promise<Omit<DemoReport, 'flow'>> {
  const { args, runtime, json, stderr, env } = environment;
  const tasks = await demoTasks(resolve(textArg(args, 'path') ?? PROJECT), trace);
  const { leader } = await cluster.drover.status();
  const dashboard = await cluster.dashboard('follower');
  if (dashboard !== null) await say(environment, watchIt(dashboard));
  const leads = leader === null ? 'no leader' : `${leader.id} leads epoch ${leader.epoch}`;
  await say(environment, `${leads}; submitting ${tasks.length} tasks`);
  const colors = createColors(stderr.isTerminal, env);
  const progress = json ? NO_PROGRESS : startProgress(stderr, { title: 'Done', total: tasks.length, colors });
  let note = '';
  const takeovers: Promise<Takeover>[] = [];
  const startedAt = runtime.monotonic();
  try {
    const job = await runJob(cluster.drover, tasks, {
      ended: (count) => progress.update(count, note),
      halfway: () => {
        note = colors.red(`${leader?.id ?? 'the leader'} was killed`);
        const takeover = killLeader(cluster, runtime);
        takeovers.push(takeover);
        takeover.then(
          ({ after, tookMs }) => (note = colors.green(`${after.id} took over in ${Math.round(tookMs)} ms`)),
          // The error is reported where it is awaited below.
          () => (note = colors.red('no takeover')),
        );
      },
    });
    const elapsedMs = runtime.monotonic() - startedAt;
    const done = await (takeovers[0] ?? killLeader(cluster, runtime));
    const [held, runs] = await Promise.all([readHeld(cluster.connect), runsIn(trace)]);
    return { job, elapsedMs, takeover: done, checks: await gatherEvidence(tasks.length, job, held, runs) };
  } finally {
    progress.stop();
  }
}

const watchIt = (dashboard: string): string =>
  `watch it at ${dashboard}: the tasks as they end, and who leads when the leader is killed`;

const QUESTIONS = [
  '  why do the tasks of type demo.unserved not run?',
  '  who paused the queue newsletter, and for what reason?',
  '  what fails in the queue billing? Run it again.',
];

async function stayUp(environment: Environment, cluster: LocalCluster, { run, takeover }: FlowShow): Promise<void> {
  const { stdout, colors, signal } = environment;
  const killed = takeover.before.id;
  await cluster.startMember('scheduler', killed);
  const { drover, zkCli } = await howToLook(cluster.connect);
  const dashboard = await cluster.dashboard('follower');
  const commands = ['status', 'ls', `submit echo --payload '{"hello":"world"}' --wait`].map(drover);
  const lines = [
    '',
    ...(dashboard === null
      ? []
      : [
          `${colors.bold(dashboard)} shows all of it, and some traffic with its failures. Find out there:`,
          ...QUESTIONS,
          `The flow that has just run: ${colors.bold(runPage(dashboard, run))}`,
        ]),
    `It stays up, with ${killed} back as a follower. Look around from another terminal:`,
    ...[...commands, zkCli].map((text) => `  ${colors.bold(text)}`),
    'Ctrl-C stops everything.',
  ];
  await stdout.line(lines.join('\n'));
  await stdout.flush();
  if (dashboard === null) await aborted(signal);
  else await makeTraffic(cluster.drover, environment.runtime, signal);
}

/** Tells people on stderr of the present step. */
async function say({ json, stderr }: Environment, text: string): Promise<void> {
  if (json) return;
  stderr.note(`drover: ${text}`);
  await stderr.flush().catch(() => undefined);
}
