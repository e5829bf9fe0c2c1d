import { RevisionConflictError, UnknownDefinitionError, type Drover, type AskOptions } from '@drover/client';
import { LICENCE, LICENCES } from './draw-ties.js';
import type { PlacementSetup } from './placement-actions.js';

const of = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** The first is the account of queues that name none. */
const ACCOUNTS = ['default', 'search', 'ads'];
const POOLS = ['default', 'batch'];

/** Something that a client does to accounts, pools and floating resources, at random. */
export async function actOnDefinitions(drover: Drover, { queues, drawn: random }: PlacementSetup): Promise<void> {
  const chance = random();
  if (chance < 0.3) await drover.accounts.set(of(ACCOUNTS, random), drawAccount(random));
  else if (chance < 0.35) await drover.accounts.remove(of(ACCOUNTS, random), FORCED);
  else if (chance < 0.5) await drover.pools.set(of(POOLS, random), drawPool(random));
  else if (chance < 0.55) await drover.pools.remove(of(POOLS, random), FORCED);
  else if (chance < 0.75) await drover.resources.set(LICENCE, { total: 1 + Math.floor(random() * LICENCES) });
  else await drover.configureQueue(of(queues, random), { priority: Math.floor(random() * 3) });
}

const FORCED: AskOptions & { force: true } = { force: true };

function drawAccount(random: () => number): Parameters<Drover['accounts']['set']>[1] {
  const guaranteed = random() < 0.5 ? 0 : 0.5 + Math.floor(random() * 4);
  const limited = random() < 0.5 ? 0 : guaranteed + 1 + Math.floor(random() * 4);
  return {
    weight: of([0.5, 1, 3], random),
    guarantee: guaranteed === 0 ? null : { cpu: guaranteed },
    limit: limited === 0 ? null : { cpu: limited },
    lend: random() < 0.8,
  };
}

const drawPool = (random: () => number): Parameters<Drover['pools']['set']>[1] => ({
  policy: of(['pack', 'spread'], random),
  dedicated: random() < 0.25 ? [of(ACCOUNTS, random)] : null,
  warmup: random() < 0.3 ? 1_000 : 0,
});

/** Everything that is drawn may run: nothing bounds accounts or pools, and there are enough licences. */
export async function releaseDefinitions(drover: Drover): Promise<void> {
  await drover.resources.set(LICENCE, { total: LICENCES });
  for (const definitions of [drover.accounts, drover.pools])
    for (const { name } of await definitions.list()) await definitions.remove(name, FORCED).catch(isGone);
}

/** Nothing is defined any more. */
export async function removeDefinitions(drover: Drover): Promise<void> {
  for (const definitions of [drover.accounts, drover.pools, drover.resources])
    for (const { name } of await definitions.list()) await definitions.remove(name, FORCED).catch(isGone);
}

function isGone(error: unknown): void {
  if (!isOfDefinitions(error)) throw error;
}

/** Somebody else was first. */
export const isOfDefinitions = (error: unknown): boolean =>
  error instanceof UnknownDefinitionError || error instanceof RevisionConflictError;
