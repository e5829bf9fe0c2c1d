import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { TaskInput } from '@drover/client';
import { countPrimesBySieve, sumOfSquaresByFormula, textFacts } from './compute.js';

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage']);
const SUMS = 150;
const PRIME_COUNTS = 250;
const PRIMES_STEP = 8_000;
/** A file with a zero byte among this many first ones is no text. */
const PROBE_BYTES = 8_192;

export interface DemoTask extends TaskInput {
  /** Computes the result here; for compute tasks in another way. */
  expected(): Promise<unknown>;
}

/** An I/O task for every text and source file below `root`, and several hundred compute tasks, well mixed. */
export async function demoTasks(root: string, trace: string): Promise<DemoTask[]> {
  const files = await textFiles(root);
  return mix([files.map((path) => textTask(path, trace)), sumTasks(trace), primeTasks(trace)]);
}

/** One list in which each of `lists` is spread evenly. */
function mix(lists: readonly (readonly DemoTask[])[]): DemoTask[] {
  return lists
    .flatMap((list) => list.map((task, index) => ({ task, at: (index + 0.5) / list.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ task }) => task);
}

/** Sorted paths of the text files below `root`, without hidden folders and those of built and installed files. */
export async function textFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = join(root, entry.name);
      if (entry.isDirectory()) return isSkipped(entry.name) ? [] : textFiles(path);
      return entry.isFile() && entry.name !== '.git' && (await isText(path)) ? [path] : [];
    }),
  );
  return found.flat().sort((a, b) => relative(root, a).localeCompare(relative(root, b), 'en'));
}

const isSkipped = (name: string): boolean => SKIPPED_FOLDERS.has(name) || (name.startsWith('.') && name !== '.ci');

async function isText(path: string): Promise<boolean> {
  return !(await readFile(path)).subarray(0, PROBE_BYTES).includes(0);
}

function textTask(path: string, trace: string): DemoTask {
  return { type: 'demo.text', payload: { path, trace }, expected: async () => textFacts(await readFile(path)) };
}

function sumTasks(trace: string): DemoTask[] {
  return Array.from({ length: SUMS }, (_, index) => {
    const n = 100_000 + index * 2_000;
    return { type: 'demo.sum-of-squares', payload: { n, trace }, expected: async () => sumOfSquaresByFormula(n) };
  });
}

function primeTasks(trace: string): DemoTask[] {
  return Array.from({ length: PRIME_COUNTS }, (_, index) => {
    const [from, to] = [index * PRIMES_STEP, (index + 1) * PRIMES_STEP];
    return { type: 'demo.primes', payload: { from, to, trace }, expected: async () => countPrimesBySieve(from, to) };
  });
}
