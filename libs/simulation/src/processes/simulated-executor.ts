import type { Runtime, Timer } from '@drover/runtime';
import type { Call, CallEnd, Execution, Executor } from '@drover/worker';

/** The step of each attempt of a scripted task; the last one stands for all further attempts. */
export interface Script {
  attempts: readonly Step[];
}
export interface Step {
  /** hang: the task ends only when it is aborted · ignore: not even then · kill: its process dies. */
  does: 'succeed' | 'fail' | 'reject' | 'hang' | 'ignore' | 'kill';
  ms: number;
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
      timer = this.#runtime.after(step.ms, () => end(endOf(step.does, call)));
    return {
      abort: () => {
        if (step.does === 'ignore') return;
        timer?.cancel();
        timer = this.#runtime.after(1, () => end(endOf('fail', call)));
      },
      abandon: leave,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function endOf(does: Step['does'], { task, attempt }: Call): CallEnd {
  if (does === 'succeed') return { outcome: 'succeeded', result: JSON.stringify({ task, attempt }) };
  const error = { name: 'ScriptedError', message: `attempt ${attempt}`, retryable: does !== 'reject' };
  return { outcome: does === 'reject' ? 'rejected' : 'failed', error };
}
