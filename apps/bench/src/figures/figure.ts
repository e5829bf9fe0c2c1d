import type { ConnectionFlags } from '../ensemble-connection.js';

/** One measured number, beside what it should be. `null` target: shown for its own sake. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  target: { atLeast: number } | { atMost: number } | null;
  note?: string;
}

export function isMet({ value, target }: Figure): boolean | null {
  if (target === null) return null;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** Where a scenario runs: some servers, and room on them. */
export interface Place {
  /** `host:port,...` without a chroot. */
  servers: string;
  serverCount: number;
  connection: ConnectionFlags;
  quick: boolean;
  /** Path of the `drover` program, for what is measured by the command line. */
  program: string;
  say: (line: string) => void;
  /** A path that nothing uses; its parents may not exist yet. */
  newRoot: (name: string) => string;
  /** A connect string with such a chroot. */
  chroot: (name: string) => string;
}
