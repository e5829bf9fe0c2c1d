import { BroadcastNotFoundError, type Drover } from '@drover/client';
import { drawStep } from './draw-submit.js';
import type { Script } from './simulated-executor.js';

type Random = () => number;

export interface BroadcastsSetup {
  queues: readonly string[];
  /** Of all clients. */
  broadcasts: string[];
}

/** Few, so that newer ones close older ones. */
const KEYS = ['rules', 'prices'];
export const ZONES = ['a', 'b'];

/** Starts a broadcast, cancels one, or looks. Rejects as the client does. */
export async function actOnBroadcasts(drover: Drover, setup: BroadcastsSetup, random: Random): Promise<void> {
  const { broadcasts } = setup;
  const some = broadcasts.slice(-4)[Math.floor(random() * Math.min(4, broadcasts.length))];
  const chance = random();
  if (some === undefined || chance < 0.7) {
    const { id } = await drover.broadcast('scripted', drawScript(random), drawOptions(setup, random));
    broadcasts.push(id);
  } else if (chance < 0.82) await drover.broadcasts.cancel([some]);
  else await look(drover, some);
}

async function look(drover: Drover, id: string): Promise<void> {
  try {
    await drover.broadcasts.get(id);
  } catch (error) {
    if (!(error instanceof BroadcastNotFoundError)) throw error;
  }
}

function drawScript(random: Random): Script {
  return { attempts: Array.from({ length: 1 + Math.floor(random() * 2) }, () => drawStep(random)) };
}

function drawOptions({ queues }: BroadcastsSetup, random: Random): Parameters<Drover['broadcast']>[2] {
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  return {
    queue: pick(queues) ?? 'default',
    joiners: 1 + Math.floor(random() * 3_000),
    maxAttempts: 1 + Math.floor(random() * 3),
    timeout: 200 + Math.floor(random() * 400),
    retry: { kind: 'exponential', delayMs: 20 + random() * 100, maxDelayMs: 500, jitter: 0.2 },
    ...(random() < 0.5 ? { key: pick(KEYS) ?? '' } : {}),
    ...(random() < 0.3 ? { where: { zone: pick(ZONES) ?? '' } } : {}),
    ...(random() < 0.3 ? { skipDraining: true } : {}),
  };
}
