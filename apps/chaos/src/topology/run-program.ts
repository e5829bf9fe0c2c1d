import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Runs a program to its end and resolves with what it printed. Rejects, quoting it, unless it exits with 0. */
export async function runProgram(command: readonly string[], input = ''): Promise<string> {
  const [program = '', ...parameters] = command;
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
  // It may end without reading what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, output, errors] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code ?? 'a signal'}: ${(errors + output).trim()}`);
  return output;
}
