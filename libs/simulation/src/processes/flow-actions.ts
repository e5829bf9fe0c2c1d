import {
  CommandRefusedError,
  FlowEndedError,
  InvalidArgumentError,
  RunNotFoundError,
  type Drover,
} from '@drover/client';
import { flowOf } from '@drover/flow';
import { drawFlow } from './draw-flow.js';

type Random = () => number;

/** A run that some client has started. */
export interface KnownRun {
  id: string;
  signals: readonly string[];
  steps: readonly string[];
}

export interface FlowsSetup {
  queues: readonly string[];
  /** Clients start flows. */
  hasFlows: boolean;
  /** Runs of all clients. */
  runs: KnownRun[];
  nextSubmit: () => number;
  /** The wall clock of the world. */
  nowMs: () => number;
}

/** Does something with flows: starts one, signals, cancels, retries, looks. Rejects as the client does. */
export async function actOnFlows(drover: Drover, setup: FlowsSetup, random: Random): Promise<void> {
  const chance = random();
  const run = setup.runs.slice(-8)[Math.floor(random() * Math.min(8, setup.runs.length))];
  if (chance < 0.5 || run === undefined) return start(drover, setup, random);
  try {
    await ask(drover, run, chance, random);
  } catch (error) {
    // It had ended, or is gone.
    if (!(error instanceof FlowEndedError || error instanceof RunNotFoundError)) throw error;
  }
}

async function ask(drover: Drover, { id, signals, steps }: KnownRun, chance: number, random: Random): Promise<void> {
  const run = drover.flowRun(id);
  const signal = signals[Math.floor(random() * signals.length)];
  if (signal !== undefined && chance < 0.7) return run.signal(signal, random() < 0.5 ? 'yes' : 'no', { payload: id });
  if (chance < 0.78) return run.cancel({ force: random() < 0.3 });
  if (chance < 0.92) {
    const from = steps[Math.floor(random() * steps.length)];
    return run.retry(random() < 0.5 || from === undefined ? {} : { from });
  }
  await run.tree();
}

async function start(drover: Drover, setup: FlowsSetup, random: Random): Promise<void> {
  const { plan, items } = drawFlow(random, `flow-${setup.nextSubmit()}`, setup.nowMs());
  const flow = flowOf<unknown, unknown>(plan);
  const queue = setup.queues[Math.floor(random() * setup.queues.length)] ?? 'default';
  const signals = Object.entries(plan.steps).flatMap(([name, { kind }]) => (kind === 'signal' ? [name] : []));
  const known = { signals, steps: Object.keys(plan.steps) };
  if (Object.keys(items).length === 0 && random() < 0.3) {
    const inputs = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, n) => ({ n }));
    for await (const { id } of drover.startMany(flow, inputs, { queue })) setup.runs.push({ id, ...known });
    return;
  }
  const unique = random() < 0.2 ? { unique: { key: `run-${Math.floor(random() * 1e9)}` } } : {};
  const { id } = await drover.start(flow, null, { queue, items, ...unique });
  setup.runs.push({ id, ...known });
}

/** Answers every signal that a run waits for. Runs that have ended are none of its business. */
export async function answerAll(
  drover: Drover,
  runs: readonly { id: string; signals: readonly string[] }[],
): Promise<void> {
  for (const { id, signals } of runs) {
    for (const step of signals) {
      try {
        await drover.flowRun(id).signal(step, 'yes');
      } catch (error) {
        const isOver = error instanceof FlowEndedError || error instanceof RunNotFoundError;
        const isAnswered = error instanceof CommandRefusedError && error.message.includes('was answered before');
        if (!isOver && !isAnswered && !(error instanceof InvalidArgumentError)) throw error;
      }
    }
  }
}
