import type { Fault, Need, System, Told, Underway } from '../system.js';

/** A fault that is about to happen. */
export interface Strike {
  /** Whom it befalls. */
  readonly target: string;
  /** For people: what is done. */
  readonly what: string;
  /** Absent: as the run sees fit. */
  readonly lastsMs?: number | undefined;
  /** What the history says of it besides. */
  readonly told?: Omit<Told, 'fault' | 'target'>;
  /** Keeps other faults away; returns what lets them come again. */
  take(): () => void;
  /** Does it; resolves with what heals. Throws `NotNowError` when others were quicker. */
  strike(): Promise<() => Promise<void>>;
}

/** Thrown by a strike that cannot be done at this moment, because of what another fault does meanwhile. */
export class NotNowError extends Error {
  override readonly name = 'NotNowError';
}

/**
 * A fault that keeps the order that its history needs: told before anything is done, over when all is healed.
 * `prepare` chooses; what it returned must still be free when it returns (`undefined`: there is nobody).
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
