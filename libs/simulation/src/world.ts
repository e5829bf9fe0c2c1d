import { zoneNamed, type Zone } from '@drover/calendar';
import type { ScheduleInput } from '@drover/client';
import { DEFAULT_PLANNER_SETTINGS } from '@drover/planner';
import { seededRandom } from '@drover/runtime';
import type { ZoneData } from '@drover/schedules';
import type { Machine } from '@drover/worker';
import { ABLATIONS, type Ablation, type AblationName } from './ablations.js';
import { Rules } from './check/rules.js';
import { Clock, WorldRuntime } from './clock/clock.js';
import { FaultInjector } from './faults/fault-injector.js';
import { clientProgram, type ClientSetup } from './processes/client-program.js';
import type { BroadcastsSetup } from './processes/broadcast-actions.js';
import type { Submit } from './processes/draw-submit.js';
import type { FlowsSetup, KnownRun } from './processes/flow-actions.js';
import type { LimitsSetup } from './processes/limit-actions.js';
import {
  drawDeclared,
  fullyDeclared,
  zoneOf,
  type Declared,
  type PlacementSetup,
} from './processes/placement-actions.js';
import type { SchedulesSetup } from './processes/schedule-actions.js';
import { otherZones } from './processes/other-zones.js';
import { schedulerProgram, workerProgram } from './processes/programs.js';
import { SimulatedProcess, type Environment, type Program } from './processes/simulated-process.js';
import { Ensemble } from './server/ensemble.js';
import { drawSettings, withFlows, withLimits, withPlacement, withSchedules, type Settings } from './settings.js';
import type { Trace } from './trace.js';

const TICK_MS = 100;
const CLIENTS_SESSION_MS = 1_500;
const LEADERS_GRACE_MS = 500;
/** A worker that one of its tasks has killed is back after this long. */
const RESTART_MS = 200;
/** In worlds with resources, so that they see what takes production seconds. */
const CONTEST = {
  preempt: 'fair',
  preemptAfterMs: 120,
  preemptGraceMs: 300,
  maxPreemptions: 2,
  reserveAfterMs: 500,
} as const;
const SCHEDULES_SHARE = 0.4;
/** Of the worlds with limits, about two of five have schedules too. */
const LIMITS_SHARE = 0.25;
/** Of all worlds, whatever else they have. */
const FLOWS_SHARE = 0.35;
const PLACEMENT_SHARE = 1 / 3;
/** Messages of a session that lives arrive this late, where these faults are. */
const DELAYING: ReadonlySet<string> = new Set([
  'black hole',
  'one-way out',
  'one-way in',
  'slow',
  'stop',
  'server parted',
]);
const LONG_DELAY_MS = 4_000;
/** By so much the wall clocks of processes differ at the beginning. */
const APART_MS = 120_000;
/** Less than what holds the fires of schedules: a minute ahead or behind. */
const APART_WITH_SCHEDULES_MS = 100_000;

export interface WorldOptions {
  seed: number;
  /** Events, as they happen. */
  trace?: (atMs: number, who: string, text: string) => void;
  settings?: Partial<Settings>;
  /** Whether the world has schedules. Default: some have, by their seed. */
  hasSchedules?: boolean;
  /** Whether it has limits and sequences. Default: as above. */
  hasLimits?: boolean;
  /** Whether clients start flows. Default: as above. */
  hasFlows?: boolean;
  /** Whether workers have resources and labels, and tasks ask for them. Default: as above. */
  hasPlacement?: boolean;
  /** A safeguard that does not work. */
  without?: AblationName;
}

/** Everything of one seed: servers, processes, faults, rules. */
export class World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly runtime: WorldRuntime;
  readonly ensemble: Ensemble;
  readonly rules: Rules;
  readonly faults: FaultInjector;
  readonly schedulers: readonly SimulatedProcess[];
  readonly workers: readonly SimulatedProcess[];
  readonly clients: readonly SimulatedProcess[];
  /** No new tasks any more. */
  isOver = false;
  readonly #seed: number;
  readonly #trace: Trace | undefined;
  readonly #known: string[] = [];
  readonly #runs: KnownRun[] = [];
  readonly #broadcasts: string[] = [];
  readonly #extra: SimulatedProcess[] = [];
  readonly #specs = new Map<string, ScheduleInput>();
  readonly #drawn: () => number;
  #seeds = 0;
  #submits = 0;

  constructor({ seed, trace, settings, hasSchedules, hasLimits, hasFlows, hasPlacement, without }: WorldOptions) {
    this.#seed = seed;
    this.#drawn = seededRandom(Math.imul(seed + 1, 0x632be59b));
    this.#trace = trace && ((who, text) => trace(this.clock.nowMs, who, text));
    const ablation: Ablation = without === undefined ? {} : ABLATIONS[without];
    this.settings = this.#drawSettings(
      { ...ablation.settings, ...settings },
      {
        hasSchedules: hasSchedules ?? ablation.hasSchedules,
        hasLimits: hasLimits ?? ablation.hasLimits,
        hasFlows: hasFlows ?? ablation.hasFlows,
        hasPlacement: hasPlacement ?? ablation.hasPlacement,
      },
    );
    this.clock = new Clock((error) => this.failed('an event', error), this.settings.beginningMs);
    this.rules = new Rules({
      trace: this.#trace,
      nameOf: (sessionId) => this.#nameOf(sessionId),
      nowMs: () => this.runtime.now(),
      serverNowMs: () => this.runtime.now() + this.ensemble.authority.aheadMs,
      zonesOf: (sessionId) => this.#zonesOf(this.#nameOf(sessionId)),
      isTimeRight: !this.settings.faults.includes('clock of ZooKeeper'),
      knownWithinMs: this.#knownWithinMs,
      maxPreemptions: CONTEST.maxPreemptions,
    });
    this.runtime = new WorldRuntime(this.clock, this.#newRandom());
    this.ensemble = this.#makeEnsemble(ablation);
    this.schedulers = this.#make('s', this.settings.schedulers, (environment) => this.#scheduler(environment));
    this.workers = this.#make('w', this.settings.workers.length, (environment, i) => this.#worker(environment, i));
    this.clients = this.#make('c', this.settings.clients, (environment) => this.#client(environment));
    this.faults = this.#makeFaults();
  }

  #drawSettings(
    given: Partial<Settings> = {},
    has: Record<'hasSchedules' | 'hasLimits' | 'hasFlows' | 'hasPlacement', boolean | undefined>,
  ): Settings {
    const { hasSchedules, hasLimits, hasFlows, hasPlacement } = has;
    const settings = { ...drawSettings(this.#newRandom()), ...given };
    // By itself: the worlds without schedules are what they were before there were any.
    const random = seededRandom(Math.imul(this.#seed + 1, 0x27d4eb2f));
    const isDrawn = random() < SCHEDULES_SHARE && settings.types.length === 1;
    const scheduled = (hasSchedules ?? isDrawn) ? withSchedules(settings, random) : settings;
    const isLimited = seededRandom(Math.imul(this.#seed + 1, 0x165667b1));
    const isDrawnToo = isLimited() < LIMITS_SHARE && settings.types.length === 1;
    const limited = (hasLimits ?? isDrawnToo) ? withLimits(scheduled, isLimited) : scheduled;
    const flowing = seededRandom(Math.imul(this.#seed + 1, 0x2545f491));
    const isDrawnLast = flowing() < FLOWS_SHARE && settings.types.length === 1;
    const flowed = (hasFlows ?? isDrawnLast) ? withFlows(limited, flowing) : limited;
    const placing = seededRandom(Math.imul(this.#seed + 1, 0x1b873593));
    const isPlaced = hasPlacement ?? (placing() < PLACEMENT_SHARE && settings.types.length === 1);
    return { ...(isPlaced ? withPlacement(flowed) : flowed), ...given };
  }

  get processes(): SimulatedProcess[] {
    return [...this.schedulers, ...this.workers, ...this.clients, ...this.#extra];
  }

  /** Nobody expected this: a fault of the real code, or of the simulation. */
  failed(what: string, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.rules.findings.add(`${what} failed: ${text}`);
  }

  /** Another process, healthy from its beginning to its end. */
  extra(name: string, begin: (environment: Environment) => Program): SimulatedProcess {
    const process = this.#process(name, begin);
    this.#extra.push(process);
    process.start();
    return process;
  }

  get clientSetup(): Pick<
    ClientSetup,
    | 'sessionTimeoutMs'
    | 'workers'
    | 'queues'
    | 'types'
    | keyof SchedulesSetup
    | keyof LimitsSetup
    | keyof FlowsSetup
    | keyof BroadcastsSetup
    | keyof PlacementSetup
  > {
    const { queues, types, schedules, limits, hasFlows, hasPlacement } = this.settings;
    const workers = this.workers.map(({ name }) => name);
    const nowMs = (): number => this.runtime.now();
    return {
      ...{ sessionTimeoutMs: CLIENTS_SESSION_MS, workers, queues, types, limits, hasPlacement, drawn: this.#drawn },
      ...{ schedules, specs: this.#specs, nowMs },
      ...{ hasFlows, runs: this.#runs, broadcasts: this.#broadcasts, nextSubmit: () => this.#submits++ },
    };
  }

  #zoneDataOf(scheduler: string): ZoneData {
    const version = this.settings.zonesDiffer ? `of ${scheduler}` : 'of all';
    return { version, zones: this.#zonesOf(scheduler) };
  }

  #zonesOf(scheduler: string): (name: string) => Zone | null {
    const index = this.schedulers.findIndex(({ name }) => name === scheduler);
    return this.settings.zonesDiffer && index >= 0 ? otherZones(index) : zoneNamed;
  }

  #makeEnsemble(faulty: Ablation): Ensemble {
    const { lagMs } = this.settings;
    const passwords = this.#newRandom();
    return new Ensemble({
      servers: 3,
      tickMs: TICK_MS,
      runtime: this.runtime,
      delays: { quorumMs: [0.5, 2], lagMs },
      password: () => Buffer.from(Array.from({ length: 16 }, () => Math.floor(passwords() * 256))),
      committed: (entry) => this.rules.committed(entry),
      faulty,
    });
  }

  #makeFaults(): FaultInjector {
    const { sessionTimeoutMs, faults: kinds, faultEveryMs: everyMs, sparesClients } = this.settings;
    const processes = [...this.schedulers, ...this.workers, ...(sparesClients ? [] : this.clients)];
    const random = this.#newRandom();
    const stage = { ensemble: this.ensemble, processes, sessionTimeoutMs, random, trace: this.#trace };
    return new FaultInjector(stage, this.runtime, { kinds, everyMs });
  }

  #make(
    letter: string,
    count: number,
    begin: (environment: Environment, index: number) => Program,
  ): SimulatedProcess[] {
    return Array.from({ length: count }, (_, i) =>
      this.#process(`${letter}${i + 1}`, (environment) => begin(environment, i)),
    );
  }

  /** The answer to the leader, and two of its writes, one after the other. */
  get #knownWithinMs(): number {
    const { faults, delayMs, lagMs } = this.settings;
    return faults.some((kind) => DELAYING.has(kind)) ? LONG_DELAY_MS : 300 + 6 * delayMs[1] + 2 * lagMs[1];
  }

  get #apartMs(): number {
    return this.settings.schedules.length > 0 ? APART_WITH_SCHEDULES_MS : APART_MS;
  }

  #process(name: string, begin: (environment: Environment) => Program): SimulatedProcess {
    const random = this.#newRandom();
    return new SimulatedProcess({
      ...{ name, begin, clock: this.clock, trace: this.#trace },
      network: { runtime: this.runtime, ensemble: this.ensemble, delayMs: this.settings.delayMs, owner: name },
      // Up to a minute ahead or behind, and up to one in a thousand too fast or too slow.
      clocks: { offsetMs: (random() - 0.5) * this.#apartMs, rate: 1 + (random() - 0.5) * 0.002 },
      seed: Math.floor(random() * 2 ** 31),
      failed: (what, error) => this.failed(what, error),
    });
  }

  #scheduler(environment: Environment): Program {
    const { sessionTimeoutMs, strategy, retainTasks, retainMs } = this.settings;
    const dead = { retainDeadTasks: retainTasks, retainDeadMs: retainMs };
    const retention = { retainTasks, retainMs, ...dead, retainAtLeastMs: retainMs };
    const contest = this.settings.hasPlacement ? CONTEST : {};
    const planner = { ...DEFAULT_PLANNER_SETTINGS, ...retention, ...contest, graceMs: LEADERS_GRACE_MS };
    return schedulerProgram(environment, {
      sessionTimeoutMs,
      strategy,
      planner,
      zoneData: this.#zoneDataOf(environment.name),
    });
  }

  #worker(environment: Environment, index: number): Program {
    const { sessionTimeoutMs, workers } = this.settings;
    const capacity = workers[index] ?? 1;
    const hasLostSession = (): boolean => this.ensemble.authority.fellSilent.has(this.workers[index]?.sessionId ?? 0n);
    const die = (): void => this.#killedByTask(index);
    const types = this.settings.types.filter((_, n) => n % 3 === 0 || n % workers.length === index);
    return workerProgram(environment, {
      ...{ sessionTimeoutMs, capacity, types, hasLostSession, die, rules: this.rules },
      ...{ hasPlacement: this.settings.hasPlacement, declared: () => this.#declared(environment, index) },
      machine: this.#machine(environment),
      drawn: () => (this.isOver ? 1 : this.#drawn()),
    });
  }

  /** Now and then it is overloaded, while there are faults. */
  #machine({ runtime }: Environment): Machine {
    const isPressed = (): boolean => !this.isOver && runtime.random() < 0.05;
    return {
      capacity: () => ({ cpu: 0, memory: 0 }),
      load: () => ({ memory: isPressed() ? 0.99 : 0.1, stalled: null, load: null }),
      use: () => ({ cpuMs: 0, memory: 0 }),
    };
  }

  /** Anything while there are faults; afterwards so much that every task can run. */
  #declared({ runtime }: Environment, index: number): Declared {
    if (!this.settings.hasPlacement) return { ...fullyDeclared(index), labels: { zone: zoneOf(index) } };
    return this.isOver ? fullyDeclared(index) : drawDeclared(index, () => runtime.random());
  }

  #killedByTask(index: number): void {
    const process = this.workers[index];
    process?.kill(false);
    this.runtime.after(RESTART_MS, () => process?.start());
  }

  readonly #notebooks = new Map<string, Map<string, Submit>>();

  #client(environment: Environment): Program {
    const { name } = environment;
    const notebook = this.#notebooks.get(name) ?? new Map<string, Submit>();
    this.#notebooks.set(name, notebook);
    const isOver = (): boolean => this.isOver;
    return clientProgram(environment, {
      ...this.clientSetup,
      ...{ book: this.rules, notebook, known: this.#known, isOver, thinkMs: this.settings.thinkMs },
    });
  }

  #nameOf(sessionId: bigint): string {
    return this.processes.find((process) => process.owns(sessionId))?.name ?? 'somebody';
  }

  /** A random source of its own for each part of the world: one that draws more numbers does not change the others. */
  #newRandom(): () => number {
    return seededRandom(Math.imul(this.#seed + 1, 0x9e3779b1) ^ Math.imul(++this.#seeds, 0x85ebca6b));
  }
}
