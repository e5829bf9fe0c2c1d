import type { Runtime, Timer } from '@drover/runtime';
import type { Call, CallEnd, Execution, Executor } from '@drover/worker';

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
  readonly #begins: (call: Call, running: number) => void;
  readonly #die: () => void;
  #running = 0;

  /** `begins` is called for each call, with the number of calls that run. `die` ends the process. */
  constructor(runtime: Runtime, begins: (call: Call, running: number) => void, die: () => void) {
    this.#runtime = runtime;
    this.#begins = begins;
    this.#die = die;
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  start(call: Call): Execution {
    const { attempts } = JSON.parse(call.payload) as Script;
    const step = attempts[call.attempt - 1] ?? attempts.at(-1) ?? { does: 'succeed', ms: 0 };
    this.#begins(call, ++this.#running);
    let timer: Timer | null = null;
    let hasEnded = false;
    const leave = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      timer?.cancel();
      this.#running--;
    };
    const end = (how: CallEnd): void => {
      leave();
      call.ended(how);
    };
    if (step.does === 'kill') timer = this.#runtime.after(step.ms, this.#die);
    else if (step.does !== 'hang' && step.does !== 'ignore')
      timer = this.#runtime.after(step.ms, () => end(endOf(step, call)));
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

function endOf({ does, holds }: Pick<Step, 'does' | 'holds'>, { task, attempt }: Call): CallEnd {
  if (does === 'succeed') return { outcome: 'succeeded', result: JSON.stringify({ task, attempt }) };
  const error = { name: 'ScriptedError', message: `attempt ${attempt}`, retryable: does !== 'reject' };
  if (does === 'later') return { outcome: 'later', error, retryAfterMs: LATER_MS * attempt, holds: holds ?? null };
  return { outcome: does === 'reject' ? 'rejected' : 'failed', error };
}
