import type { ChildProcess, SpawnOptions } from 'node:child_process';

/** The direction in which a link is cut: both, from the home (`to`), or to the home (`from`). */
export type Direction = 'both' | 'to' | 'from';

/** An ensemble of servers, homes for the other processes, and links between them that can be cut. */
export interface Topology {
  readonly kind: 'namespaces' | 'proxies';
  readonly servers: readonly Server[];
  /** The abilities that are missing here, and why: a fault that needs one is left out. */
  readonly missing: Readonly<Record<Need, string | undefined>>;
  home(name: string): Promise<Home>;
  /** Cuts the link between two servers; `to`: only in the direction from `a` to `b`. */
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
  /** The server's answer to `srvr`; `undefined` when it serves no clients. */
  state(): Promise<'leader' | 'follower' | 'standalone' | undefined>;
  diskFull(on: boolean): Promise<void>;
  /** Delays each sync of the disk by so long; `off`: no delay. */
  diskSlow(ms: number | 'off'): Promise<void>;
}

/** The surroundings of one process: its network can be cut, and its clock moved. */
export interface Home {
  /** The connect string of the ensemble as seen from here: `host:port,...` without a chroot. */
  readonly connectString: string;
  /** `host:port` at which a process in here may listen, for processes of other homes. No fault touches the way to it. */
  readonly listen: string;
  /** The wall clock of the processes that are spawned here; `undefined`: `missing.clocks` says why. */
  readonly clock: { jump(byMs: number): Promise<void> } | undefined;
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
  /** Cuts the process from one server, or from all of them. */
  cut(direction: Direction, server?: number): Promise<void>;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export type Role = 'scheduler' | 'worker' | 'client' | 'viewers';

/** A process of the system under test: started again and again under one name. */
export interface Member {
  readonly name: string;
  readonly role: Role;
  readonly home: Home;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** Its session, by the last `session.connected` that it logged: a fault may end this session. */
  readonly sessionId: string | undefined;
  /** Which fault has it now: others leave it alone. Set by `System.take`, cleared by what that returned. */
  readonly heldBy: string | undefined;
  /** Resolves when the process runs; whether it takes part in the system yet is `ready`'s. */
  start(): Promise<void>;
  /** Resolves when its present life has said that it takes part (or has ended). */
  ready(): Promise<void>;
  /** Whether the API of a scheduler listens, by what it logged last. */
  readonly apiListens: boolean;
  /** Resolves when its API listens, or when it does not, and in any case when the present process has ended. */
  untilApi(listens: boolean): Promise<void>;
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
  /** The scheduler that leads, as ZooKeeper shows it. */
  leader(): Member | undefined;
  /** Marks members as held by a fault; the caller calls the returned function when they are healed. */
  take(fault: string, members: readonly Member[]): () => void;
  /**
   * Writes the beginning of a fault into the history: call it before anything is done. The returned function writes the
   * end: call it when the system call that heals has returned (a kill is over when the process runs again).
   */
  tell(fault: Told): () => void;
}

/** A fault in the history; the fields are those of `FaultLine` of @drover/verify. */
export interface Told {
  fault: string;
  target: string;
  /** Names of the workers that may lose their session by it; none for schedulers and clients. Absent: all may. */
  workers?: string[];
  /** How the leader was ended, if it is the target. */
  leader?: 'killed' | 'stopped';
  /** An orderly stop, restart or deploy: it explains no second start. */
  orderly?: true;
}

/** A kind of fault. `random` is in [0, 1), by the seed of the run. */
export interface Fault {
  /** The name for `--faults`: `kill-leader`. */
  readonly name: string;
  /** The ability that the topology must have for this fault. */
  readonly needs?: Need;
  /** Only in runs with viewers: without them no scheduler serves an API. */
  readonly ofViewers?: true;
  /** Resolves when the fault has begun; `null`: there is no target for it now. */
  begin(system: System, random: () => number): Promise<Underway | null>;
}

export interface Underway {
  /** The targets: names of members, or `zookeeper-2`. */
  readonly target: string;
  /** The action in words for people: `SIGSTOP for 9 s`. */
  readonly what: string;
  /** How long it should last; the run calls `end` after that. Absent: the run decides. */
  readonly lastsMs?: number;
  /** Heals the target: continues, reconnects or starts it again. */
  end(): Promise<void>;
}
