import type { Effort } from '../effort.js';
import type { ConnectionFlags } from '../ensemble-connection.js';
import { spreadOf, type Spread } from '../statistics.js';

/** One measured number, beside what it should be. `null` target: shown for its own sake. */
export interface Figure {
  /** Under which `--json` gives it to programs; absent: people alone read it. */
  key?: string;
  name: string;
  value: number;
  unit: string;
  target: { atLeast: number } | { atMost: number } | null;
}

/** The same figure over several runs. */
export interface FigureRow extends Omit<Figure, 'value'> {
  value: Spread;
  runs: number;
}

/** The figures of all runs, by name. */
export function rowsOf(runs: readonly (readonly Figure[])[]): FigureRow[] {
  const byName = new Map<string, Figure[]>();
  for (const figure of runs.flat()) byName.set(figure.name, [...(byName.get(figure.name) ?? []), figure]);
  return [...byName.values()].flatMap((figures) => {
    const [first] = figures;
    if (first === undefined) return [];
    return [{ ...first, value: spreadOf(figures.map(({ value }) => value)), runs: figures.length }];
  });
}

/** Whether the median meets the target. */
export function isMet({ value: { median }, target }: Pick<FigureRow, 'value' | 'target'>): boolean | null {
  if (target === null) return null;
  return 'atLeast' in target ? median >= target.atLeast : median <= target.atMost;
}

/** The place of a scenario: some servers, and room on them. */
export interface Place {
  /** `host:port,...` without a chroot. */
  servers: string;
  serverCount: number;
  connection: ConnectionFlags;
  effort: Effort;
  /** Path of the `drover` program, for what is measured by the command line. */
  program: string;
  say: (line: string) => void;
  /** A path that nothing uses; its parents may not exist yet. */
  newRoot: (name: string) => string;
  /** A connect string with such a chroot. */
  chroot: (name: string) => string;
}
