import { strategyNames } from '@drover/strategies';
import { BEGINNING } from './clock/clock.js';
import { FAULT_KINDS, type FaultKind } from './faults/fault-kinds.js';

/** The world of one seed. */
export interface Settings {
  schedulers: number;
  /** The capacity of each. */
  workers: readonly number[];
  clients: number;
  queues: readonly string[];
  /** Types of scripted tasks. If there are several, no worker offers all of them. */
  types: readonly string[];
  strategy: string;
  sessionTimeoutMs: number;
  /** How long faults happen. */
  faultyMs: number;
  faultEveryMs: number;
  /** Faults do not touch the clients: then little is retained while they last. */
  sparesClients: boolean;
  /** Average time between two actions of a client. */
  thinkMs: number;
  faults: readonly FaultKind[];
  /** The delay of a message, one way. */
  delayMs: readonly [number, number];
  /** How far servers lag behind the quorum. */
  lagMs: readonly [number, number];
  retainTasks: number;
  /**
   * How long finished batches are kept. No client may be cut off for longer: a client that does not know whether its
   * submit was written repeats it, and would create the batch again if it had been removed meanwhile.
   */
  retainMs: number;
  /** The wall clock of the world at its beginning, in milliseconds since 1970. */
  beginningMs: number;
  /** Names of schedules that clients set; empty: there are none. */
  schedules: readonly string[];
  /** Schedulers have different data of time zones. */
  zonesDiffer: boolean;
  /** Names of limits that clients set, and tasks name; empty: there are none, and no sequences. */
  limits: readonly string[];
  /** Clients start flows. */
  hasFlows: boolean;
  /** Workers have resources and labels, and tasks ask for them. */
  hasPlacement: boolean;
  /** It goes on until plans and drafts that nobody uses are gone, ten minutes later: few do, as that takes long. */
  outlivesPlans: boolean;
}

const QUEUES = ['images', 'mails'];
const TYPES = ['scripted'];
/** The others are only in worlds with schedules. */
const FAULTS_OF_ALL = FAULT_KINDS.filter((kind) => kind !== 'clock of ZooKeeper');

/** Some seeds have few kinds of faults, and many of them; some have none. */
export function drawSettings(random: () => number): Settings {
  const between = (min: number, max: number): number => min + random() * (max - min);
  const whole = (min: number, max: number): number => Math.floor(between(min, max + 1));
  const share = random();
  const kinds = FAULTS_OF_ALL.filter(() => random() < share);
  const strategies = strategyNames();
  const faultyMs = between(2_000, 6_000);
  const sparesClients = random() < 0.25;
  const settings: Settings = {
    schedulers: 3,
    workers: Array.from({ length: whole(2, 4) }, () => whole(1, 5)),
    clients: whole(1, 3),
    ...{ queues: QUEUES, types: TYPES },
    strategy: strategies[whole(0, strategies.length - 1)] ?? 'random',
    sessionTimeoutMs: whole(2, 6) * 250,
    faultyMs,
    faultEveryMs: 10 ** between(1.5, 2.8),
    sparesClients,
    thinkMs: 10 ** between(1.9, 2.6),
    faults: kinds,
    delayMs: [0.1, 10 ** between(0, 1.3)],
    lagMs: [0, 10 ** between(0, 2.3)],
    retainTasks: random() < 0.3 ? 20 : 100_000,
    retainMs: sparesClients ? 3_000 : faultyMs + 3_000,
    ...{
      beginningMs: BEGINNING,
      schedules: [],
      zonesDiffer: false,
      limits: [],
      hasFlows: false,
      hasPlacement: false,
      outlivesPlans: false,
    },
  };
  return random() < 0.2 ? { ...settings, ...manyNames(whole) } : settings;
}

/** Hundreds of queues and types, each with a task or two. */
function manyNames(whole: (min: number, max: number) => number): Pick<Settings, 'queues' | 'types'> {
  const names = (name: string, most: number): string[] =>
    Array.from({ length: whole(1, most) }, (_, n) => `${name}-${n}`);
  return { queues: names('queue', 400), types: names('scripted', 400) };
}

/** Berlin's clocks change in the middle of the world. */
const CHANGES_MS = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
/**
 * While ZooKeeper's clock may be an hour ahead: otherwise batches would be removed whose submitters do not know yet that
 * they were written.
 */
const LONG_RETAIN_MS = 2 * 3_600_000;

/** The world with schedules: it lasts longer and has fewer tasks of other kinds, so that it costs no more. */
export function withSchedules(settings: Settings, random: () => number): Settings {
  const whole = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const schedules = Array.from({ length: whole(1, 9) }, (_, n) => `schedule-${n}`);
  const change = CHANGES_MS[whole(0, 3)];
  const beginningMs = change === undefined ? BEGINNING : change - whole(1, 10) * 1_000;
  const faultyMs = settings.faultyMs * 2;
  const hasFaults = settings.faults.length > 0;
  const isTimeWrong = hasFaults && random() < 0.3;
  return {
    ...settings,
    ...{ queues: QUEUES, types: TYPES },
    ...{ schedules, beginningMs, zonesDiffer: random() < 0.3 },
    ...{ faultyMs, faultEveryMs: settings.faultEveryMs * 2, thinkMs: settings.thinkMs * 2 },
    retainMs: settings.sparesClients ? settings.retainMs : faultyMs + 3_000,
    ...(isTimeWrong ? { faults: [...settings.faults, 'clock of ZooKeeper'], retainMs: LONG_RETAIN_MS } : {}),
  };
}

/** The world with limits and sequences, and fewer tasks: they wait for each other. */
export function withLimits(settings: Settings, random: () => number): Settings {
  const count = 1 + Math.floor(random() * 4);
  const isTimeWrong = settings.faults.length > 0 && random() < 0.2;
  return {
    ...settings,
    ...{ queues: QUEUES, types: TYPES, thinkMs: settings.thinkMs * 1.5 },
    limits: Array.from({ length: count }, (_, n) => `limit-${n}`),
    ...(isTimeWrong ? { faults: [...settings.faults, 'clock of ZooKeeper'], retainMs: LONG_RETAIN_MS } : {}),
  };
}

/** The world with flows, and fewer tasks beside their steps. It is kept for as long as faults last, as its runs may wait for the operator. */
export function withFlows(settings: Settings, random: () => number): Settings {
  const { faultyMs, retainMs } = settings;
  return {
    ...settings,
    ...{ queues: QUEUES, types: TYPES, hasFlows: true, thinkMs: settings.thinkMs * 1.5 },
    outlivesPlans: random() < 0.05,
    retainMs: settings.sparesClients ? retainMs : Math.max(retainMs, faultyMs + 3_000),
  };
}

/** The world in which workers have resources and labels. Tasks wait for room, so there are fewer. */
export const withPlacement = (settings: Settings): Settings => ({
  ...settings,
  ...{ queues: QUEUES, types: TYPES, hasPlacement: true, thinkMs: settings.thinkMs * 1.3 },
});
