import { seededRandom } from '@drover/runtime';

/** One fault of a round. */
export interface PlannedFault {
  name: string;
  /** After the beginning of the round. */
  afterMs: number;
  /** Unless the fault itself knows better. */
  lastsMs: number;
  /** Seed of this fault's own choices: they do not depend on how many numbers other faults draw. */
  seed: number;
}

/** Faults together, then quiet in which the system must recover. */
export interface Round {
  faults: PlannedFault[];
  quietMs: number;
}

export interface PlanOptions {
  seed: number;
  /** Names of the kinds of faults that may be; one that is to come more often is named more often. */
  kinds: readonly string[];
  sessionTimeoutMs: number;
  /** The longest time of a recovery, beyond the session timeout. */
  recoveryMs: number;
}

/** How many faults overlap, by chance: six of ten are alone. */
const TOGETHER = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3];

/**
 * Rounds without end, the same ones for the same options. Kinds are dealt like cards: each comes once before any comes
 * again, and never one twice in a round.
 */
export function* planOf({ seed, kinds, sessionTimeoutMs, recoveryMs }: PlanOptions): Generator<Round> {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => Math.round(from + random() * (to - from));
  let deck: string[] = [];
  const draw = (not: readonly string[]): string | undefined => {
    if (deck.length === 0) deck = shuffled(kinds, random);
    const at = deck.findIndex((name) => !not.includes(name));
    return at === -1 ? undefined : deck.splice(at, 1)[0];
  };
  while (kinds.length > 0) {
    const faults: PlannedFault[] = [];
    const wanted = TOGETHER[Math.floor(random() * TOGETHER.length)] ?? 1;
    while (faults.length < wanted) {
      const name = draw(faults.map((fault) => fault.name));
      if (name === undefined) break;
      // Shorter and longer than a session lives: both must be survived.
      const lastsMs = between(0.3 * sessionTimeoutMs, 2 * sessionTimeoutMs);
      const afterMs = faults.length === 0 ? 0 : between(0, sessionTimeoutMs);
      faults.push({ name, afterMs, lastsMs, seed: Math.floor(random() * 2 ** 32) });
    }
    yield { faults, quietMs: sessionTimeoutMs + recoveryMs + between(1_000, 4_000) };
  }
}

function shuffled(names: readonly string[], random: () => number): string[] {
  const deck = [...names];
  for (let last = deck.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [deck[last], deck[other]] = [deck[other] ?? '', deck[last] ?? ''];
  }
  return deck;
}
