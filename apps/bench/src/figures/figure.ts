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

/** Where a scenario runs: an ensemble of its own choosing, told apart by chroots. */
export interface Place {
  /** `host:port,...` without a chroot. */
  servers: string;
  serverCount: number;
  tickTimeMs: number;
  quick: boolean;
  say: (line: string) => void;
  /** A connect string with a new chroot. */
  chroot: (name: string) => string;
}
