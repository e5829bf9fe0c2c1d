import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { secondsOf } from '../compare.js';
import { sizeFor, type Effort } from '../effort.js';
import { payload } from '../system.js';
import type { Figure } from './figure.js';

/** Lines that are written together. */
const CHUNK = 500;

/** Tasks for a paused `queue`, as lines over one connection to the API, until each line is answered with its id. */
export async function submitLines(url: string, queue: string, effort: Effort): Promise<Figure[]> {
  const count = sizeFor(effort, { quick: 20_000, full: 200_000 });
  await send(url, queue, Math.ceil(count / 5));
  const value = count / (await secondsOf(() => send(url, queue, count)));
  return [{ name: 'submit of lines over one connection', value, unit: 'tasks/s', target: { atLeast: 20_000 } }];
}

async function send(url: string, queue: string, count: number): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const asking = request(`${url}/v1/batches`, { method: 'POST', headers });
  // Answers come while lines are still written.
  const answered = once(asking, 'response').then(([answer]) => answersOf(answer as IncomingMessage));
  const [answers] = await Promise.all([answered, pipeline(Readable.from(lines(queue, count)), asking)]);
  if (answers !== count) throw new Error(`${answers} of ${count} lines were answered`);
}

/** The number of lines that were answered with an id, each in its turn. */
async function answersOf(answer: IncomingMessage): Promise<number> {
  let count = 0;
  for await (const text of createInterface({ input: answer })) {
    const { line, id } = JSON.parse(text) as { line?: number; id?: string };
    if (line !== ++count || id === undefined) throw new Error(`line ${count} was answered with ${text}`);
  }
  return count;
}

function* lines(queue: string, count: number): Generator<string> {
  for (let from = 0; from < count; from += CHUNK) {
    let text = '';
    for (let i = from; i < Math.min(count, from + CHUNK); i++)
      text += `${JSON.stringify({ type: 'echo', queue, payload: payload(i) })}\n`;
    yield text;
  }
}
