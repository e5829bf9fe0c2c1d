import { mkdirSync, writeFileSync } from 'node:fs';
import { inBackground, sleep, uncaught, type Runtime } from '@drover/runtime';
import { ZooKeeperStartError } from './errors.js';
import { askFourLetterWord, serverModeIn, type Endpoint, type ServerMode } from './four-letter-word.js';
import { spawnGuarded, type GuardedProcess } from './guarded-process.js';
import { LogMark } from './log-mark.js';
import { log4jProperties, logbackXml } from './server-logging.js';
import { LOOPBACK, serverCommand, zooCfg, type JvmSettings, type ServerSettings } from './server-settings.js';

const READY_POLL_MS = 40;

export interface ServerProcessOptions {
  readonly settings: ServerSettings;
  readonly jvm: JvmSettings;
  /** Comes before the server's own command: a program that executes it, such as `nsenter`. */
  readonly prefix?: readonly string[] | undefined;
  /** The address at which this process asks `srvr`; default: the one that clients connect to. */
  readonly reachAt?: Endpoint | undefined;
  readonly runtime: Runtime;
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

/** A server on this machine: one data folder and one port for life, one process after the other. */
export interface ZooKeeperServer {
  /** `<host>:<port>`, to be given to any ZooKeeper client. */
  readonly connect: string;
  readonly port: number;
  /** `<host>:<port>` of the TLS port; undefined: the server has none. */
  readonly secureConnect: string | undefined;
  readonly secureClientPort: number | undefined;
  readonly dataDir: string;
  readonly logPath: string;
  /** The pid of the java process; undefined while none runs. */
  readonly pid: number | undefined;
  /** Asks `srvr`: the mode, or undefined when it serves nobody now. Never rejects. */
  mode(): Promise<ServerMode | undefined>;
  /** SIGTERM, and SIGKILL after a while; resolves when the process is gone. May be called more than once. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts the process without waiting for it to serve: the members of an ensemble need each other for that. */
  launch(): Promise<void>;
  /** Resolves when `srvr` names a mode. Throws `ZooKeeperStartError` when the process ends or time runs out. */
  ready(): Promise<void>;
  /** Starts it again on the same folder and port; resolves when it serves. Throws `ZooKeeperStartError`. */
  restart(): Promise<void>;
  /** SIGSTOP: the process keeps its sockets and says nothing. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** From here on the running server does not keep this process alive; it is still killed when this process ends. */
  unref(): void;
}

export class ServerProcess implements ZooKeeperServer {
  readonly connect: string;
  readonly secureConnect: string | undefined;
  readonly port: number;
  readonly secureClientPort: number | undefined;
  readonly dataDir: string;
  readonly logPath: string;
  readonly #options: ServerProcessOptions;
  readonly #reachAt: Endpoint;
  #process: GuardedProcess | undefined;
  #logMarks: LogMark[] = [];

  constructor(options: ServerProcessOptions) {
    const { host = LOOPBACK, port, secureClientPort, dataDir } = options.settings;
    this.#options = options;
    this.port = port;
    this.connect = `${host}:${port}`;
    this.secureClientPort = secureClientPort;
    this.secureConnect = secureClientPort === undefined ? undefined : `${LOOPBACK}:${secureClientPort}`;
    this.#reachAt = options.reachAt ?? { host, port };
    this.dataDir = dataDir;
    this.logPath = `${dataDir}/zookeeper.log`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async launch(): Promise<void> {
    if (this.#process)
      throw new Error(`ZooKeeper at ${this.connect} is already running, as process ${this.#process.pid}`);
    this.#writeFiles();
    this.#logMarks = [this.#outputPath, this.logPath].map((path) => new LogMark(path));
    const { prefix = [], jvm } = this.#options;
    const launched = await spawnGuarded([...prefix, ...serverCommand(jvm)], this.#outputPath);
    this.#process = launched;
    const forgotten = launched.exited.then(() => {
      if (this.#process === launched) this.#process = undefined;
    });
    inBackground(forgotten, uncaught);
  }

  async ready(): Promise<void> {
    const { runtime, readyTimeoutMs } = this.#options;
    const deadline = runtime.monotonic() + readyTimeoutMs;
    for (;;) {
      if (!this.#process) throw this.#startError('the process ended');
      // Our own process must still be alive: another server that holds the port may have given the answer.
      if ((await this.mode()) !== undefined && this.pid !== undefined) return;
      if (runtime.monotonic() > deadline) {
        await this.kill();
        throw this.#startError(`it was not ready within ${readyTimeoutMs} ms`);
      }
      await sleep(runtime, READY_POLL_MS);
    }
  }

  async mode(): Promise<ServerMode | undefined> {
    try {
      return serverModeIn(await askFourLetterWord('srvr', this.#reachAt));
    } catch {
      return undefined;
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.launch();
    await this.ready();
  }

  async stop(): Promise<void> {
    const running = this.#process;
    if (!running) return;
    running.signal('SIGTERM');
    running.signal('SIGCONT');
    const { runtime, stopTimeoutMs } = this.#options;
    const impatience = runtime.after(stopTimeoutMs, () => {
      running.signal('SIGKILL');
    });
    await running.exited;
    impatience.cancel();
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running) return;
    running.signal('SIGKILL');
    await running.exited;
  }

  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  unref(): void {
    this.#process?.unref();
  }

  get #outputPath(): string {
    return `${this.dataDir}/zookeeper.out`;
  }

  #writeFiles(): void {
    const { settings } = this.#options;
    for (const folder of ['conf', 'data', 'tmp']) mkdirSync(`${this.dataDir}/${folder}`, { recursive: true });
    writeFileSync(`${this.dataDir}/conf/log4j.properties`, log4jProperties);
    writeFileSync(`${this.dataDir}/conf/logback.xml`, logbackXml);
    // It may hold the passwords of the TLS stores.
    writeFileSync(`${this.dataDir}/conf/zoo.cfg`, zooCfg(settings), { mode: 0o600 });
    if (settings.memberId !== undefined) writeFileSync(`${this.dataDir}/data/myid`, `${settings.memberId}\n`);
  }

  #startError(reason: string): ZooKeeperStartError {
    const logTail = this.#logMarks
      .map((mark) => mark.tail())
      .filter((text) => text !== '')
      .join('\n');
    return new ZooKeeperStartError(reason, { logPath: this.logPath, logTail });
  }
}
