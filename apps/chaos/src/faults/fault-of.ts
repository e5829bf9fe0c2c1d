import type { Fault, Need, System, Told, Underway } from '../system.js';

/** A fault that is about to happen. */
export interface Strike {
  /** The member or server that the fault hits. */
  readonly target: string;
  /** The action, in words for people. */
  readonly what: string;
  /** How long the fault lasts; absent: the run decides. */
  readonly lastsMs?: number | undefined;
  /** Further fields of the fault's entry in the history. */
  readonly told?: Omit<Told, 'fault' | 'target'>;
  /** Reserves the target for this fault; returns a function that frees it. */
  take(): () => void;
  /** Causes the fault; resolves with a function that heals it. Throws `NotNowError` when another fault was quicker. */
  strike(): Promise<() => Promise<void>>;
}

/** Thrown by a strike that cannot be done at this moment, because of what another fault does meanwhile. */
export class NotNowError extends Error {
  override readonly name = 'NotNowError';
}

/**
 * A fault that writes its history in the right order: it is told before anything is done, and over when all is healed.
 * `prepare` chooses the target, which must be free when `prepare` returns (`undefined`: there is no target).
 */
export function faultOf(
  name: string,
  prepare: (system: System, random: () => number) => Promise<Strike | undefined>,
  needs?: Need,
): Fault {
  return {
    name,
    ...(needs === undefined ? {} : { needs }),
    async begin(system, random) {
      const strike = await prepare(system, random);
      return strike === undefined ? null : carryOut(name, strike, system);
    },
  };
}

async function carryOut(name: string, strike: Strike, system: System): Promise<Underway | null> {
  const { target, what, lastsMs, told } = strike;
  const release = strike.take();
  const over = system.tell({ fault: name, target, ...told });
  const finish = (): void => {
    over();
    release();
  };
  try {
    const heal = await strike.strike();
    const end = (): Promise<void> => heal().then(finish);
    return { target, what, ...(lastsMs === undefined ? {} : { lastsMs }), end };
  } catch (error) {
    finish();
    if (error instanceof NotNowError) return null;
    throw error;
  }
}
