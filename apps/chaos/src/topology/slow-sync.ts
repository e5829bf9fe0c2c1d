import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

/** ZooKeeper's thread that writes the transaction log, as the kernel has its name. */
const SYNC_THREAD = 'SyncThread:';

/**
 * A disk that takes its time: `strace` holds the thread that syncs the transaction log, and no other, for a while after
 * each sync. When strace ends, however it does, the thread runs on.
 */
export class SlowSync {
  readonly #strace: ChildProcess;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  /** Throws what strace says where it may not, and when the server syncs nothing because it serves nobody. */
  static async start(pid: number, ms: number): Promise<SlowSync> {
    const thread = await syncThreadOf(pid);
    if (thread === undefined) throw new Error(`process ${pid} has no thread ${SYNC_THREAD}: it serves nobody now`);
    return SlowSync.#attach(thread, ms);
  }

  /** Tries it on a process of no importance. Throws what strace says where it may not. */
  static async tryOut(): Promise<void> {
    const nobody = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await once(nobody, 'spawn');
      await (await SlowSync.#attach(nobody.pid ?? -1, 0)).stop();
    } finally {
      nobody.kill('SIGKILL');
    }
  }

  static async #attach(thread: number, ms: number): Promise<SlowSync> {
    const inject = `inject=fdatasync,fsync:delay_exit=${Math.round(ms * 1_000)}`;
    const strace = spawn('strace', ['-p', String(thread), '-e', 'trace=fdatasync,fsync', '-e', inject], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const attached = new Promise<void>((resolve) => {
      strace.stderr.on('data', (chunk: Buffer) => {
        // It goes on to print every sync.
        if (said.length < 1_000) said += chunk.toString('utf8');
        if (said.includes(' attached')) resolve();
      });
    });
    const ended = once(strace, 'close').then(() => {
      throw new Error(`strace cannot slow thread ${thread}: ${said.trim()}`);
    });
    await Promise.race([attached, ended]);
    ended.catch(() => undefined);
    return new SlowSync(strace);
  }

  async stop(): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const ended = once(this.#strace, 'exit');
    this.#strace.kill('SIGTERM');
    await ended;
  }
}

async function syncThreadOf(pid: number): Promise<number | undefined> {
  const threads = await readdir(`/proc/${pid}/task`);
  for (const thread of threads) {
    const name = await readFile(`/proc/${pid}/task/${thread}/comm`, 'utf8').catch(() => '');
    if (name.startsWith(SYNC_THREAD)) return Number(thread);
  }
  return undefined;
}
