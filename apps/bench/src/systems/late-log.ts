import { appendFile, readFile } from 'node:fs/promises';
import { inBackground, uncaught } from '@drover/runtime';

const GATHER_MS = 100;
const gathered = new Map<string, string[]>();

/** Adds to the file that the fire `id` began so late; `id` has no space. Lines of 100 ms are written together. */
export function logLate(file: string, id: string, lateMs: number): void {
  const lines = gathered.get(file);
  const line = `${id} ${lateMs}\n`;
  if (lines !== undefined) {
    lines.push(line);
    return;
  }
  gathered.set(file, [line]);
  setTimeout(() => inBackground(write(file), uncaught), GATHER_MS);
}

async function write(file: string): Promise<void> {
  const lines = gathered.get(file) ?? [];
  gathered.delete(file);
  await appendFile(file, lines.join(''));
}

/** How late each was, in ms. Throws when a fire came twice. */
export async function firesIn(file: string): Promise<number[]> {
  const seen = new Map<string, number>();
  // The last line may be on its way.
  for (const line of (await readFile(file, 'utf8')).split('\n').slice(0, -1)) {
    const [id = '', lateMs = ''] = line.split(' ');
    if (seen.has(id)) throw new Error(`the fire ${id} came twice`);
    seen.set(id, Number(lateMs));
  }
  return [...seen.values()];
}
