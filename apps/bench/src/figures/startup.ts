import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { secondsOf } from '../compare.js';
import { sizeFor } from '../effort.js';
import { quantileOf } from '../statistics.js';
import type { Figure, Place } from './figure.js';

const run = promisify(execFile);

/**
 * How long commands of `drover` take beyond the start of Node itself: what a probe of a container or a completion in a
 * shell waits for. All are run in turns. `url`: of an API that listens.
 */
export async function startup({ effort, program }: Place, url: string): Promise<Figure[]> {
  const rounds = sizeFor(effort, { check: 1, quick: 10, full: 30 });
  const commands = [
    { name: '--version', parameters: ['--version'] },
    { name: 'completion', parameters: ['completion', 'bash'] },
    { name: 'health', parameters: ['health', '--url', `${url}/livez`] },
  ].map((command) => ({ ...command, times: [] as number[] }));
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await timeOf(['--eval', '0']));
    for (const { parameters, times } of commands) times.push(await timeOf([program, ...parameters]));
  }
  return commands.map(({ name, times }) => ({
    name: `drover ${name}, beyond Node's own start, p50`,
    value: quantileOf(times, 0.5) - quantileOf(bare, 0.5),
    unit: 'ms',
    target: { atMost: 80 },
  }));
}

/** Milliseconds. Rejects where the program fails. */
const timeOf = async (parameters: readonly string[]): Promise<number> =>
  (await secondsOf(() => run(process.execPath, parameters))) * 1_000;
