/**
 * A child process that cannot outlive us, even when we die of SIGKILL and run no code any more.
 *
 * Between us and the child stands a small shell, the guard. It holds one end of a socket pair whose other end only we
 * hold. The kernel closes ours however we end; the guard's read then returns and it kills the child. SIGKILL, because
 * the child may be stopped (SIGSTOP) and must go all the same.
 *
 * The guard is a session of its own, so that Ctrl-C in the terminal reaches us and not the child: we decide the order
 * in which things stop.
 */
import { inBackground, uncaught } from '@drover/runtime';
import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import type { Socket } from 'node:net';

/** Fd 3 is the socket to the parent: the child's pid goes up, and nothing ever comes down but the end. */
const GUARD = `
"$@" 3>&- &
child=$!
( trap '' TERM INT HUP; read -r _ <&3; kill -KILL "$child" ) >/dev/null 2>&1 &
watch=$!
echo "$child" >&3
wait "$child"
code=$?
kill -KILL "$watch"
exit "$code"
`;

export interface GuardedProcess {
  /** The pid of the child itself, not of its guard. */
  readonly pid: number;
  /** Settles when the child has ended: its exit code, 128 + signal when a signal ended it. Never rejects. */
  readonly exited: Promise<number>;
  /** Sends a signal; does nothing once the child has ended. */
  signal(signal: NodeJS.Signals): void;
  /** From here on the child does not keep this process alive; it is still killed when this process ends. */
  unref(): void;
}

/** Starts `command` (program and arguments) with stdout and stderr appended to `outputPath`. Default `env`: ours. */
export async function spawnGuarded(
  command: readonly string[],
  outputPath: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<GuardedProcess> {
  const output = openSync(outputPath, 'a');
  const guard = spawn('/bin/sh', ['-c', GUARD, 'drover-guard', ...command], {
    detached: true,
    env,
    stdio: ['ignore', output, output, 'pipe'],
  });
  closeSync(output);
  const line = guard.stdio[3] as Socket;
  let ended = false;
  const exited = new Promise<number>((resolve) => {
    const end = (code: number) => {
      ended = true;
      resolve(code);
    };
    guard.once('exit', (code) => {
      // A guard that was killed leaves its watch behind, which waits for this. One that ended by itself may have
      // written the pid a moment ago: it is still to be read, and the line ends by itself.
      if (code === null) line.destroy();
      end(code ?? 137);
    });
    guard.once('error', () => {
      line.destroy();
      end(127);
    });
  });
  // The end of the line is the guard's end, which `exited` tells; a reset of the socket says nothing more.
  line.on('error', () => undefined);
  const pid = await readPid(line, exited);
  return {
    pid,
    exited,
    signal(signal) {
      if (!ended) send(pid, signal);
    },
    unref() {
      guard.unref();
      line.unref();
    },
  };
}

function readPid(line: Socket, exited: Promise<number>): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    line.setEncoding('utf8');
    line.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(Number(text.trim()));
    });
    line.once('close', () => {
      const told = exited.then((code) => {
        reject(new Error(`the guard process ended with code ${code} before it had started anything`));
      });
      inBackground(told, uncaught);
    });
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended a moment ago and its guard has not told us yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
