import type { Drover, SubmitOptions } from '@drover/client';
import { parseConditions, parseDemand, type Amounts, type QueueSettings } from '@drover/core';
import { ZONES } from './broadcast-actions.js';

export interface PlacementSetup {
  /** Workers have resources and labels, and tasks ask for them. */
  hasPlacement: boolean;
  /** Draws what is rarer: ties, copies, definitions, spot notices. A source of its own, so that the rest is drawn as ever. */
  drawn: () => number;
  queues: readonly string[];
}

/** The declaration of a worker. */
export interface Declared {
  readonly labels: Readonly<Record<string, string>>;
  /** Slots are not in it. */
  readonly resources: Amounts;
  readonly devices: Readonly<Record<string, readonly string[]>>;
  readonly overcommit: Readonly<Record<string, number>>;
  readonly pool: string;
  readonly host: string;
}

const GIB = 2 ** 30;
/** With workers that have this, everything that is drawn can be placed. */
const FULL: Omit<Declared, 'labels' | 'host'> = {
  resources: { cpu: 4_000, memory: 4 * GIB, gpu: 2_000 },
  devices: { gpu: ['0', '1'] },
  overcommit: {},
  pool: 'default',
};
/** A pool that some workers are in while there are faults. */
const OTHER_POOL = 'batch';

const of = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** The label that worlds without placement have too. */
export const zoneOf = (index: number): string => ZONES[index % ZONES.length] ?? '';

/** Three machines: the fourth worker is beside the first. */
const hostOf = (index: number): string => `host-${index % 3}`;

/** The worker of that number when faults are over. */
export const fullyDeclared = (index: number): Declared => ({
  ...FULL,
  host: hostOf(index),
  labels: { zone: zoneOf(index), disk: 'ssd', cores: '16' },
});

/** ... and before, each time that it starts. */
export function drawDeclared(index: number, random: () => number): Declared {
  if (random() < 0.3) return fullyDeclared(index);
  const gpus = Math.floor(random() * 3);
  const names = ['0', '1'].slice(0, gpus);
  return {
    labels: {
      zone: random() < 0.7 ? zoneOf(index) : of(ZONES, random),
      ...(random() < 0.7 ? { disk: of(['ssd', 'hdd'], random) } : {}),
      ...(random() < 0.7 ? { cores: of(['2', '8', '16'], random) } : {}),
    },
    resources: {
      cpu: 500 * Math.floor(1 + random() * 8),
      ...(random() < 0.8 ? { memory: GIB * Math.floor(1 + random() * 4) } : {}),
      ...(gpus > 0 ? { gpu: gpus * 1_000 } : {}),
    },
    devices: gpus > 0 ? { gpu: names } : {},
    overcommit: random() < 0.2 ? { cpu: 1.5 } : {},
    pool: random() < 0.25 ? OTHER_POOL : 'default',
    host: hostOf(index),
  };
}

/** The demand of a task of such a world: few kinds, so that classes have several tasks. */
export function drawPlacement(random: () => number): SubmitOptions {
  const options: SubmitOptions = {};
  if (random() < 0.55) options.resources = drawDemand(random);
  if (random() < 0.35) options.where = drawWhere(random);
  if (random() < 0.15) options.prefer = { where: of([{ zone: 'a' }, { disk: 'ssd' }], random), weight: 50 };
  return options;
}

const DEMANDS = [
  { cpu: 0.5 },
  { cpu: 1 },
  { cpu: 1.5, memory: '1GiB' },
  { cpu: 3 },
  { memory: '1.5GiB' },
  { slots: 0, cpu: 0.5 },
  { slots: 0.5 },
  { gpu: 0.5 },
  { gpu: 0.25, cpu: 0.5 },
  { gpu: 1 },
  { gpu: 2, memory: '1GiB' },
];
const drawDemand = (random: () => number): Record<string, number | string> => of(DEMANDS, random);

const CONDITIONS = ['zone=a', 'zone=b', 'zone!=a', 'disk=ssd', 'cores>=8', '!gone', 'disk'];
function drawWhere(random: () => number): string {
  const first = of(CONDITIONS.slice(0, 3), random);
  const second = of(CONDITIONS.slice(3), random);
  return random() < 0.4 ? first : random() < 0.5 ? second : `${first},${second}`;
}

/** The settings of queues that clients of such worlds change, as they were before. */
export const PLACED_AS_BEFORE: Pick<
  QueueSettings,
  'account' | 'pool' | 'resources' | 'where' | 'preemptible' | 'priority'
> = {
  account: 'default',
  pool: null,
  resources: null,
  where: null,
  preemptible: false,
  priority: 0,
};

/** Something that a client does in such a world, at random. */
export async function actOnPlacement(drover: Drover, { queues }: PlacementSetup, random: () => number): Promise<void> {
  const queue = of(queues, random);
  const chance = random();
  if (chance < 0.3)
    await drover.configureQueue(queue, {
      resources: random() < 0.3 ? null : parseDemand('resources', of(DEMANDS, random)),
    });
  else if (chance < 0.5)
    await drover.configureQueue(queue, { where: random() < 0.4 ? null : parseConditions('where', drawWhere(random)) });
  else if (chance < 0.65) await drover.configureQueue(queue, { pool: of([null, 'default', OTHER_POOL], random) });
  else if (chance < 0.85) await drover.configureQueue(queue, { account: of(['default', 'search', 'ads'], random) });
  else await drover.configureQueue(queue, { preemptible: random() < 0.5 });
}
