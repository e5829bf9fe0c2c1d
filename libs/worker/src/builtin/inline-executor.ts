import { inBackground, uncaught, type Runtime } from '@drover/runtime';
import { endOfThrown } from '../execution/failure.js';
import type { Call, Execution, Executor } from '../execution/executor.js';
import { endOfReturned } from '../execution/result-text.js';
import { NO_DEVICES } from '../run/resources.js';
import type { BuiltIn } from './built-in.js';
import { variablesOf } from './device-variables.js';

/** Runs the built-in types that wait, in the main thread. */
export class InlineExecutor implements Executor {
  readonly #builtIns: ReadonlyMap<string, BuiltIn>;
  readonly #runtime: Runtime;
  readonly #tellsCuda: boolean;

  /** `tellsCuda`: programs see only the graphics processors that their task has. */
  constructor(builtIns: readonly BuiltIn[], runtime: Runtime, tellsCuda = false) {
    this.#builtIns = new Map(builtIns.map((builtIn) => [builtIn.type, builtIn]));
    this.#runtime = runtime;
    this.#tellsCuda = tellsCuda;
  }

  room(): number {
    return Number.POSITIVE_INFINITY;
  }

  start(call: Call): Execution {
    const controller = new AbortController();
    inBackground(this.#run(call, controller.signal), uncaught);
    return { abort: (reason) => controller.abort(reason), abandon: () => undefined };
  }

  async close(): Promise<void> {
    for (const builtIn of this.#builtIns.values()) builtIn.close?.();
  }

  async #run(call: Call, signal: AbortSignal): Promise<void> {
    const { task, attempt, fencingToken, fire, trace, devices = NO_DEVICES } = call;
    try {
      const builtIn = this.#builtIns.get(call.type);
      if (builtIn === undefined) throw new TypeError(`'${call.type}' is not built in`);
      const alive = (): void => call.alive();
      const print = (text: string): void => call.print(text);
      const printSkipped = (lines: number): void => call.printSkipped(lines);
      const deviceVariables = variablesOf(devices, this.#tellsCuda);
      const told = { task, attempt, fencingToken, fire, trace, deviceVariables };
      const context = { ...told, signal, runtime: this.#runtime, alive, print, printSkipped };
      call.ended(endOfReturned(await builtIn.run(JSON.parse(call.payload), context)));
    } catch (error) {
      call.ended(endOfThrown(error));
    }
  }
}
