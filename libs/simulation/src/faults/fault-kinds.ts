import { ROOTS } from '@drover/protocol';
import { inBackground, uncaught } from '@drover/runtime';
import { ROOT } from '../check/znode-change.js';
import type { Ensemble } from '../server/ensemble.js';
import type { SimulatedProcess } from '../processes/simulated-process.js';
import type { Trace } from '../trace.js';

/** The targets of faults. */
export interface Stage {
  readonly ensemble: Ensemble;
  readonly processes: readonly SimulatedProcess[];
  readonly sessionTimeoutMs: number;
  readonly random: () => number;
  /** Later, unless the faults are over by then: all is healed then. */
  readonly later: (delayMs: number, act: () => void) => void;
  readonly trace: Trace | undefined;
}

/** Each does its harm, and sees to it that it passes. */
export const FAULTS = {
  /** Requests and replies on their way are lost: those may have been applied, or not have arrived. */
  cut: (stage) => on(stage, (process) => process.network?.cut(), 'loses its connections'),
  /** A reply breaks off in the middle. */
  tear: (stage) => on(stage, (process) => process.network?.tear(), 'will lose a reply in the middle'),
  'black hole': (stage) => block(stage, { toServer: true, toClient: true }),
  'one-way out': (stage) => block(stage, { toServer: true, toClient: false }),
  'one-way in': (stage) => block(stage, { toServer: false, toClient: true }),
  slow: (stage) => {
    on(stage, (process) => slowDown(stage, process), 'has a slow network');
  },
  expire: (stage) =>
    on(stage, ({ sessionId }) => stage.ensemble.expire(sessionId), 'has its session ended by somebody else'),
  kill: (stage) => kill(stage, false),
  'machine dies': (stage) => kill(stage, true),
  /** The process dies at an `await` within its next event. */
  'killed within': (stage) =>
    on(stage, (process) => killWithin(stage, process), 'will be killed in the middle of its next event'),
  stop: (stage) => on(stage, (process) => pause(stage, process), 'is stopped'),
  restart: (stage) => {
    on(
      stage,
      (process) => inBackground(process.stop(), uncaught),
      'restarts in an orderly way',
      (process) => {
        stage.later(500 + stage.random() * 3_000, () => process.start());
      },
    );
  },
  'clock jump': (stage) => {
    const byMs = (stage.random() - 0.5) * 2 * 10 ** (1 + stage.random() * 4);
    on(stage, (process) => process.runtime?.jumpWallClock(byMs), `has its wall clock moved by ${Math.round(byMs)} ms`);
  },
  /** By an hour, which is more than fires of schedules bear, or by little. */
  'clock of ZooKeeper': (stage) => {
    const { authority } = stage.ensemble;
    const sign = stage.random() < 0.5 ? -1 : 1;
    const byMs = Math.round(sign * (stage.random() < 0.6 ? HOUR_MS : 10 ** (1 + stage.random() * 3)));
    stage.trace?.('zookeeper', `has its wall clock moved by ${byMs} ms`);
    authority.aheadMs += byMs;
    stage.later(stage.random() * 4_000, () => (authority.aheadMs -= byMs));
  },
  /** The leader is deposed, and does not know it yet. */
  'leader deleted': (stage) => {
    stage.trace?.('somebody', 'deletes /leader by hand');
    stage.ensemble.authority.deleteByHand(`${ROOT}${ROOTS.leader}`);
  },
  'server crash': (stage) => {
    const index = Math.floor(stage.random() * stage.ensemble.servers.length);
    stage.trace?.('zookeeper', `server ${index + 1} crashes`);
    stage.ensemble.servers[index]?.crash();
    stage.later(stage.random() * 2 * stage.sessionTimeoutMs, () => stage.ensemble.servers[index]?.restart());
  },
  'server parted': (stage) => {
    const index = Math.floor(stage.random() * stage.ensemble.servers.length);
    stage.trace?.('zookeeper', `server ${index + 1} is parted`);
    stage.ensemble.cutOff(index);
    stage.later(stage.random() * 2 * stage.sessionTimeoutMs, () => stage.ensemble.rejoin(index));
  },
} as const satisfies Record<string, (stage: Stage) => void>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

const HOUR_MS = 3_600_000;

function on(
  stage: Stage,
  act: (process: SimulatedProcess) => void,
  text: string,
  after: (process: SimulatedProcess) => void = () => undefined,
): void {
  const running = stage.processes.filter(({ isRunning }) => isRunning);
  const process = running[Math.floor(stage.random() * running.length)];
  if (process === undefined) return;
  stage.trace?.(process.name, text);
  act(process);
  after(process);
}

function block(stage: Stage, ways: { toServer: boolean; toClient: boolean }): void {
  const text = Object.entries(ways).flatMap(([way, isBlocked]) => (isBlocked ? [way] : []));
  on(
    stage,
    ({ network }) => {
      network?.block(ways);
      stage.later(stage.random() * 2.5 * stage.sessionTimeoutMs, () =>
        network?.block({ toServer: false, toClient: false }),
      );
    },
    `is in a black hole: ${text.join(' and ')}`,
  );
}

function slowDown(stage: Stage, { network }: SimulatedProcess): void {
  if (network === null) return;
  const before = network.delayMs;
  network.delayMs = [1, 50 + stage.random() * stage.sessionTimeoutMs * 0.5];
  stage.later(stage.random() * 6_000, () => (network.delayMs = before));
}

function kill(stage: Stage, isSilent: boolean): void {
  on(
    stage,
    (process) => {
      process.kill(isSilent);
      stage.later(stage.random() * 2 * stage.sessionTimeoutMs, () => process.start());
    },
    'dies',
  );
}

function killWithin(stage: Stage, process: SimulatedProcess): void {
  const turns = Math.floor(2 ** (stage.random() * 6)) - 1;
  const ticks = Math.floor(stage.random() ** 2 * 3);
  process.runtime?.doom({ ticks, turns, die: () => process.kill(false) });
  stage.later(stage.random() * 2 * stage.sessionTimeoutMs, () => process.start());
}

function pause(stage: Stage, process: SimulatedProcess): void {
  const { runtime } = process;
  runtime?.stop();
  const forMs = stage.random() ** 2 * 3 * stage.sessionTimeoutMs;
  stage.later(forMs, () => {
    stage.trace?.(process.name, 'goes on');
    runtime?.go();
  });
}
