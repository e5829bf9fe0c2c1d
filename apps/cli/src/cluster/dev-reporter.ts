import { messageOf } from '@drover/runtime';
import type { Environment } from '../command.js';
import { createColors, type Colors } from '../terminal/colors.js';
import { formatElapsed } from '../views/format.js';
import { howToLook } from './how-to-look.js';
import type { LocalCluster } from './local-cluster.js';
import type { Member } from './member.js';
import { MergedLogs } from './merged-logs.js';
import { withoutRepeatedWarnings } from './openness.js';
import { showLogLine } from './show-log.js';

/**
 * The output of `drover dev`: for people on stderr, with the logs of all processes in the order of time; with `--json`
 * one document a line on stdout, `{ event, ... }`, of which the first is `ready`.
 */
export class DevReporter {
  readonly #environment: Environment;
  readonly #logs: MergedLogs | null;
  /** The colours of stderr. */
  readonly #colors: Colors;

  private constructor(environment: Environment, logs: MergedLogs | null, colors: Colors) {
    this.#environment = environment;
    this.#logs = logs;
    this.#colors = colors;
  }

  static async create(environment: Environment): Promise<DevReporter> {
    const { stderr, env, runtime, json } = environment;
    const colors = createColors(stderr.isTerminal, env);
    if (json) return new DevReporter(environment, null, colors);
    const { logLineFormatter } = await import('@drover/observability');
    const format = logLineFormatter({ colors: colors.isColorSupported });
    const show = withoutRepeatedWarnings((name, line) => stderr.escapedNote(showLogLine(name, line, format)));
    return new DevReporter(environment, new MergedLogs(runtime, show), colors);
  }

  note(text: string): void {
    if (!this.#environment.json) this.#environment.stderr.note(`drover: ${text}`);
  }

  /** Tells that everything runs, the connect string, and how to look into the cluster. */
  async up(cluster: LocalCluster): Promise<void> {
    const { json, stdout, env } = this.#environment;
    for (const { name, logPath } of cluster.members) await this.#logs?.follow(name, logPath);
    if ((env.DROVER_ZK ?? '') !== '' && cluster.zooKeeper.servers.length > 0)
      this.note('DROVER_ZK is not used; pass --zk to join that cluster');
    this.#warn('for development only: workers run shell, http and file tasks of whoever can write to this ZooKeeper');
    const dashboard = await cluster.dashboard('usual');
    await (json
      ? stdout.json(describeCluster(cluster, dashboard))
      : stdout.line(await this.#welcome(cluster, dashboard)));
    await stdout.flush();
  }

  memberEnded({ name, role }: Member, code: number, pauseMs: number): void {
    this.#event('member.ended', { name, role, code, restartMs: pauseMs });
    this.#warn(`${name} exited with code ${code}; restarting it in ${formatElapsed(pauseMs)}`);
  }

  memberStarted({ name, role, pid }: Member): void {
    this.#event('member.started', { name, role, pid });
    this.note(`${name} restarted, process ${pid}`);
  }

  memberFailed(name: string, error: unknown): void {
    this.#event('member.failed', { name, message: messageOf(error) });
    this.#warn(`cannot restart ${name}: ${messageOf(error)}`);
  }

  watching(path: string): void {
    this.#event('watching', { path });
    this.note(`watching ${path} and the code beside it`);
  }

  handlersChanged(path: string): void {
    this.#event('handlers.changed', { path });
    this.note(`${path} changed; restarting the workers`);
  }

  handlersLoaded(): void {
    this.#event('handlers.loaded', {});
    this.note('workers restarted');
  }

  handlersRefused(message: string): void {
    this.#event('handlers.refused', { message });
    this.#warn(`${message}\ndrover: the workers continue with the previous handlers`);
  }

  stopping(): void {
    this.note('stopping everything; Ctrl-C again ends it at once');
  }

  /** Resolves when the reader of the output has closed it, as in `drover dev | head`. */
  async closed(): Promise<void> {
    const { json, stdout, stderr } = this.#environment;
    await (json ? stdout.failed() : Promise.race([stdout.failed(), stderr.failed()]));
  }

  /** Shows the remaining lines of the logs. */
  async end(): Promise<void> {
    await this.#logs?.end();
  }

  #event(event: string, fields: object): void {
    if (this.#environment.json) this.#environment.stdout.noteJson({ event, ...fields });
  }

  #warn(text: string): void {
    this.note(this.#colors.yellow(text));
  }

  async #welcome(cluster: LocalCluster, dashboard: string | null): Promise<string> {
    const { colors } = this.#environment;
    const { drover, zkCli } = await howToLook(cluster.connect);
    const commands = ['status', `submit echo --payload '{"hello":"world"}' --wait`, 'ls'].map(drover);
    return [
      ...(dashboard === null
        ? []
        : [`Dashboard: ${colors.bold(dashboard)}  who leads, what waits and why, what failed`]),
      `Running at ${colors.bold(cluster.connect)}: ${cluster.members.map(({ name }) => name).join(' ')}. From another terminal:`,
      ...[...commands, zkCli].map((text) => `  ${colors.bold(text)}`),
      `Data and logs: ${cluster.folder}. Ctrl-C stops everything.`,
    ].join('\n');
  }
}

function describeCluster(cluster: LocalCluster, dashboard: string | null): object {
  const ofRole = (role: Member['role']) => cluster.members.filter((member) => member.role === role);
  return {
    event: 'ready',
    zk: cluster.connect,
    dashboard,
    zookeepers: cluster.zooKeeper.servers.map(({ connect, pid }) => ({ connect, pid })),
    schedulers: ofRole('scheduler').map(({ name, pid }) => ({ id: name, pid })),
    workers: ofRole('worker').map(({ name, pid }) => ({ name, pid })),
    folder: cluster.folder,
  };
}
