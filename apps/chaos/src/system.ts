import type { ChildProcess, SpawnOptions } from 'node:child_process';

/** Which way a cut link is silent: both, what leaves the home (`to`), what comes to it (`from`). */
export type Direction = 'both' | 'to' | 'from';

/** Where everything runs: an ensemble, homes for the other processes, and links that can be cut. */
export interface Topology {
  readonly kind: 'namespaces' | 'proxies';
  readonly servers: readonly Server[];
  /** What cannot be done here, and why: a fault that needs it is left out. */
  readonly missing: Readonly<Record<Need, string | undefined>>;
  home(name: string): Promise<Home>;
  /** Cuts what goes between two servers; `to`: only what goes from `a` to `b`. */
  cutServers(a: number, b: number, direction: Direction): Promise<void>;
  healServers(): Promise<void>;
  /** Ends and removes everything; a second call waits for the first. */
  close(): Promise<void>;
}

/** Abilities that not every system has. */
export type Need = 'diskFull' | 'diskSlow' | 'clocks';

/** One server of the ensemble, from 1. */
export interface Server {
  readonly number: number;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** `host:port` that no fault touches: for an observer. */
  readonly address: string;
  /** Which fault has it now: others leave it alone. */
  heldBy: string | undefined;
  /** Resolves when the process runs; whether it serves is `state`'s. */
  start(): Promise<void>;
  /** Resolves when the process has gone, with SIGSTOP and SIGCONT at once. */
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when it serves. Throws when it ends before, and when it takes longer than a minute; it is killed then. */
  ready(): Promise<void>;
  /** By `srvr`; `undefined` when it serves nobody. */
  state(): Promise<'leader' | 'follower' | 'standalone' | undefined>;
  diskFull(on: boolean): Promise<void>;
  /** Each sync takes so long; `off`: as fast as it can. */
  diskSlow(ms: number | 'off'): Promise<void>;
}

/** Where one process lives: what it does in the network can be cut. */
export interface Home {
  /** Of the ensemble as seen from here: `host:port,...` without a chroot. */
  readonly connectString: string;
  /** The wall clock of what is spawned here; `undefined` where `missing.clocks` says why. */
  readonly clock: { jump(byMs: number): Promise<void> } | undefined;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /** From one server, or from all of them. */
  cut(direction: Direction, server?: number): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export type Role = 'scheduler' | 'worker' | 'client';

/** A process of the system under test: started again and again under one name. */
export interface Member {
  readonly name: string;
  readonly role: Role;
  readonly home: Home;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** The last line that it logged as `session.connected`: its session, for whoever wants to end it. */
  readonly sessionId: string | undefined;
  /** Which fault has it now: others leave it alone. Set by `System.take`, cleared by what that returned. */
  readonly heldBy: string | undefined;
  /** Resolves when the process runs; whether it takes part in the system yet is `ready`'s. */
  start(): Promise<void>;
  /** Resolves when its present life has said that it takes part (or has ended). */
  ready(): Promise<void>;
  /** SIGSTOP and SIGCONT: at once. Others: resolves when the process has gone; SIGTERM stops in order. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

export interface Timings {
  sessionTimeoutMs: number;
  tickMs: number;
}

/** The system, as faults see it. */
export interface System {
  readonly topology: Topology;
  readonly members: readonly Member[];
  readonly timings: Timings;
  /** The scheduler that leads, by ZooKeeper's own word. */
  leader(): Member | undefined;
  /** Marks members as held by a fault; call what it returns when they are whole again. */
  take(fault: string, members: readonly Member[]): () => void;
  /**
   * Writes into the history of faults that one begins: to be called before anything is done. What it returns writes that
   * it is over: to be called when the system call that heals has returned (a kill is over when the process runs again).
   */
  tell(fault: Told): () => void;
}

/** A fault in the history; the fields are those of `FaultLine` of @drover/verify. */
export interface Told {
  fault: string;
  target: string;
  /** Names of the workers that may lose their session by it; none for schedulers and clients. Absent: all may. */
  workers?: string[];
  /** What was done to the leader, where it is the target. */
  leader?: 'killed' | 'stopped';
  /** An orderly stop, restart or deploy: it explains no second start. */
  orderly?: true;
}

/** A kind of fault. `random` is in [0, 1), by the seed of the run. */
export interface Fault {
  /** As `--faults` names it: `kill-leader`. */
  readonly name: string;
  /** What the topology must be able to do for it. */
  readonly needs?: Need;
  /** Resolves when the fault is there; `null` when it finds nobody whom it could befall now. */
  begin(system: System, random: () => number): Promise<Underway | null>;
}

export interface Underway {
  /** Whom it befalls: names of members, `zookeeper-2`. */
  readonly target: string;
  /** For people: `SIGSTOP for 9 s`. */
  readonly what: string;
  /** How long it should last; the run calls `end` after that. Absent: as the run sees fit. */
  readonly lastsMs?: number;
  /** Heals: what was paused goes on, what was cut is whole, what was killed is started again. */
  end(): Promise<void>;
}
