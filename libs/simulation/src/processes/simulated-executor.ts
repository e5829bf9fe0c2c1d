import { inBackground, uncaught, type Runtime, type Timer } from '@drover/runtime';
import type { Call, CallEnd, Execution, Executor } from '@drover/worker';
import type { StepScript } from './draw-flow.js';

/** The step of each attempt of a scripted task; the last one stands for all further attempts. */
export interface Script {
  attempts: readonly Step[];
}
export interface Step {
  /** later: it is to run again, and uses up no attempt · hang: the task ends only when it is aborted · ignore: not even then · kill: its process dies. */
  does: 'succeed' | 'fail' | 'reject' | 'later' | 'hang' | 'ignore' | 'kill';
  ms: number;
  /** Of `later`: the limit, or the key of one, of which nothing is to start meanwhile. */
  holds?: string;
}

/** Runs scripted tasks in the event loop of the simulation. Result: `{ task, attempt }`. */
export class SimulatedExecutor implements Executor {
  readonly #runtime: Runtime;
  readonly #begins: (call: Call, running: readonly Call[]) => void;
  readonly #die: () => void;
  readonly #running = new Set<Call>();

  /** `begins` is called for each call, with all that run, itself included. `die` ends the process. */
  constructor(runtime: Runtime, begins: (call: Call, running: readonly Call[]) => void, die: () => void) {
    this.#runtime = runtime;
    this.#begins = begins;
    this.#die = die;
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  start(call: Call): Execution {
    const script = scriptOf(JSON.parse(call.payload));
    const { attempts } = script;
    const step = attempts[call.attempt - 1] ?? attempts.at(-1) ?? { does: 'succeed', ms: 0 };
    this.#running.add(call);
    this.#begins(call, [...this.#running]);
    let timer: Timer | null = null;
    let hasEnded = false;
    const leave = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      timer?.cancel();
      this.#running.delete(call);
    };
    const end = (how: CallEnd): void => {
      leave();
      call.ended(how);
    };
    if (step.does === 'kill') timer = this.#runtime.after(step.ms, this.#die);
    else if (step.does !== 'hang' && step.does !== 'ignore')
      timer = this.#runtime.after(step.ms, () => {
        const more = step.does === 'succeed' || step.does === 'fail' ? moreOf(call, script, step) : null;
        if (more !== null) inBackground(more.then(end), uncaught);
        else end(endOf(step, call, script));
      });
    return {
      abort: () => {
        if (step.does === 'ignore') return;
        timer?.cancel();
        timer = this.#runtime.after(1, () => end(endOf({ does: 'fail' }, call)));
      },
      abandon: leave,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** When a task that is to run later does so. */
const LATER_MS = 150;

function endOf(
  { does, holds }: Pick<Step, 'does' | 'holds'>,
  { task, attempt }: Call,
  { label, skips }: Pick<StepScript, 'label' | 'skips'> = {},
): CallEnd {
  if (does === 'succeed' && skips === true) return { outcome: 'succeeded', result: 'null', step: { skipped: true } };
  if (does === 'succeed') {
    const step = label === undefined ? {} : { step: { label } };
    return { outcome: 'succeeded', result: JSON.stringify({ task, attempt }), ...step };
  }
  const error = { name: 'ScriptedError', message: `attempt ${attempt}`, retryable: does !== 'reject' };
  if (does === 'later') return { outcome: 'later', error, retryAfterMs: LATER_MS * attempt, holds: holds ?? null };
  return { outcome: does === 'reject' ? 'rejected' : 'failed', error };
}

/** A reduce gets the results that it is to make one of: it has no script. */
const scriptOf = (payload: unknown): StepScript =>
  typeof payload === 'object' && payload !== null && 'attempts' in payload ? (payload as StepScript) : { attempts: [] };

/** So few go into a draft that a list makes several. */
const ITEMS_TO_DRAFT = 3;

/**
 * As the real executor does: what a step makes is written first, then the report says so. An attempt that fails has written it too.
 * `null`: it makes nothing.
 */
function moreOf(call: Call, { items, becomes }: StepScript, how: Step): Promise<CallEnd> | null {
  const { step } = call;
  if (step === undefined) return null;
  const made = items !== undefined ? giveItems(step, items) : becomes !== undefined ? become(step, becomes) : null;
  return (
    made?.then(
      (end) => (how.does === 'fail' ? endOf(how, call) : end),
      (error: unknown): CallEnd => {
        const { name, message } = error as Error;
        return { outcome: 'failed', error: { name, message, retryable: true } };
      },
    ) ?? null
  );
}

type StepOfCall = NonNullable<Call['step']>;

async function giveItems(step: StepOfCall, items: readonly Script[]): Promise<CallEnd> {
  for (let from = 0; from < items.length; from += ITEMS_TO_DRAFT) {
    const texts = items.slice(from, from + ITEMS_TO_DRAFT).map((item) => JSON.stringify(item));
    await step.answer({ kind: 'draft', from, items: texts });
  }
  const count = items.length;
  return { outcome: 'succeeded', result: JSON.stringify({ items: count }), step: { expanded: count } };
}

async function become(step: StepOfCall, text: string): Promise<CallEnd> {
  return { outcome: 'succeeded', result: 'null', step: { becomes: await step.become(text, 'null') } };
}
