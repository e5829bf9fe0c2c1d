import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the benchmark's own. It says `ready` when it works, and ends when its parent does. */
export async function startChild(script: string, settings: unknown): Promise<{ stop(): Promise<void>; pid: number }> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await ready(child, script);
  return {
    pid: child.pid ?? -1,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function ready(child: ChildProcess, script: string): Promise<void> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${String(code)} before it was ready`);
  });
  await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
}

/** In the child: its settings, and the word that it works. */
export function childSettings<Settings>(): Settings {
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  return JSON.parse(process.argv[2] ?? '{}') as Settings;
}
export function childReady(): void {
  process.send?.('ready');
}
