import { spawn } from 'node:child_process';

const OUTPUT_TAIL_CHARS = 2_000;

export interface RunOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program is killed with SIGKILL after this time. */
  readonly timeoutMs?: number;
  /** Called with pieces of the output as they come. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a program to its end and resolves with its output. Rejects, quoting it, unless it exits with 0. */
export function runCommand(
  [program, ...parameters]: readonly [string, ...string[]],
  options: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      output += text;
      options.onOutput?.(text);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(`${[program, ...parameters].join(' ')} ended with ${signal ?? code ?? '?'}: ${tail(output)}`));
    });
  });
}

function tail(output: string): string {
  return output.trim().slice(-OUTPUT_TAIL_CHARS);
}
