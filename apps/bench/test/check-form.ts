import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { ENSEMBLE_PARTS, runBenchmark } from '../src/benchmark.js';
import type { FigureRow } from '../src/figures/figure.js';
import { EFFORTS } from '../src/index.js';
import type { Results } from '../src/results.js';

export const settings = {
  effort: EFFORTS.check,
  program: fileURLToPath(new URL('bin/drover.js', import.meta.resolve('drover/package.json'))),
  // A build server gets what is missing; nobody's own machine is changed by its tests.
  install: process.env.CI !== undefined,
  say: () => undefined,
};

const EXPECTED: Readonly<Record<string, number>> = { compare: 4, callers: 2, znodes: 2, peers: 4, growth: 10 };

/** The number of rows that each part has made; for peers this depends on the servers that this machine has. */
function rowsOf(part: string, { ensembles, peers, curves, figures }: Results): number {
  if (part === 'compare') return ensembles.flatMap(({ rows }) => rows).length;
  if (part === 'peers') return (peers?.rows.length ?? 0) + (peers?.leftOut.length ?? 0);
  if (part === 'growth') return curves.flatMap(({ points }) => points).length;
  if (ENSEMBLE_PARTS.includes(part)) return figuresOf(part, ensembles).length;
  return figures.filter((of) => of.part === part).flatMap(({ rows }) => rows).length;
}

const figuresOf = (part: string, ensembles: Results['ensembles']): FigureRow[] =>
  ensembles.flatMap(({ figures }) => figures.filter(({ name }) => name.includes(part)));

/** Runs the parts in their smallest form: each has its rows, and every task had exactly one result. */
export async function checkParts(t: ExecutionContext, parts: readonly string[]): Promise<void> {
  let saved = 0;
  const results = await runBenchmark({
    ...settings,
    only: parts,
    save: () => {
      saved++;
      return Promise.resolve();
    },
  });
  t.deepEqual(results.failed, []);
  for (const part of parts) {
    const count = rowsOf(part, results);
    if (EXPECTED[part] === undefined) t.true(count > 0, part);
    else t.is(count, EXPECTED[part], part);
  }
  // After all the work on an ensemble the number of znodes is where it began.
  for (const { name, value } of figuresOf('znodes', results.ensembles)) t.is(value.max, 0, name);
  t.true(results.finished);
  for (const reason of results.peers?.leftOut ?? []) t.log(`not run: ${reason}`);
  // Results are saved after each part, not only at the end.
  t.true(saved > 1);
}
