import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { FAILURES } from '@drover/core';
import { systemRuntime } from '@drover/runtime';
import { computeHandlers } from '../builtin/compute.js';
import { callHandler } from '../execution/call-handler.js';
import { endOfThrown, failed } from '../execution/failure.js';
import type { CallEnd } from '../execution/executor.js';
import { TaskAbortedError } from '../execution/task-aborted-error.js';
import { LogBudget } from './log-budget.js';
import { loadHandlers, type LoadedHandler } from './load-handlers.js';
import { PULSE, type FromThread, type ThreadData, type ToThread, type WireCall } from './messages.js';
import { Outbox } from './outbox.js';
import { ThreadContext } from './thread-context.js';
import { ThreadDesk } from './thread-desk.js';

/**
 * The thread in which handlers run. Each fault is attributed to the task whose code caused it: every callback of a
 * handler runs in the async context of its call, and the number of the call whose code is being executed stands in
 * shared memory, where the main thread reads it when this one is blocked.
 */
const BEAT_MS = 100;

const { module, worker, traces, pulse: pulseBuffer } = workerData as ThreadData;
const port = parentPort as MessagePort;
const pulse = new Int32Array(pulseBuffer);
const outbox = new Outbox(port, new LogBudget(pulse));
const running = new Map<number, ThreadContext>();
const desk = new ThreadDesk((message) => say(message));
/** The call on whose behalf code is being executed, also after it has ended. */
const currentCall = new AsyncLocalStorage<WireCall>();

systemRuntime.every(BEAT_MS, () => void Atomics.add(pulse, PULSE.BEAT, 1));
createHook({
  before: () => void Atomics.store(pulse, PULSE.CURRENT, currentCall.getStore()?.n ?? 0),
  after: () => void Atomics.store(pulse, PULSE.CURRENT, 0),
}).enable();

/** An exception that nobody caught may have left the module in any state: the thread retires when it is idle. */
process.on('uncaughtException', (error) => {
  blame(error);
  outbox.retire();
});
process.on('unhandledRejection', blame);
process.exit = exitCalled;
const sendSignal = process.kill.bind(process);
process.kill = killCalled;

/** Fails the running call whose code it was; where there is none, the error is logged, or nobody would hear of it. */
function blame(error: unknown): void {
  const call = currentCall.getStore();
  const how = error instanceof ExitError ? exited(error) : endOfThrown(error);
  if (call !== undefined && running.has(call.n)) end(call.n, how);
  else if ('error' in how) outbox.stray({ task: call?.task ?? null, type: call?.type ?? null, error: how.error });
}

class ExitError extends Error {
  override readonly name = 'ExitError';
}

function exitCalled(code?: number | string | null): never {
  return exit(`process.exit(${code ?? ''})`);
}

/** Signals to others, and the question whether somebody is there (signal 0), go their way. */
function killCalled(pid: number, signal: string | number = 'SIGTERM'): true {
  if (Math.abs(pid) !== process.pid || signal === 0) return sendSignal(pid, signal);
  return exit(`process.kill(process.pid, '${signal}')`);
}

/** A handler that ends "the process" ends itself: its neighbours in this thread go on. */
function exit(call: string): never {
  const error = new ExitError(`the handler called ${call}`);
  const n = currentCall.getStore()?.n;
  if (n !== undefined) end(n, exited(error));
  throw error;
}
const exited = (error: ExitError): CallEnd => failed(FAILURES.HANDLER_EXITED, error.message);

/** Runs a handler within a trace context; `null`: nobody traces here. */
const within = traces ? (await import('@drover/telemetry')).withinTrace : null;
const handlers = await load();
port.on('message', (message: ToThread) => {
  if ('calls' in message) for (const call of message.calls) begin(call);
  else if ('ask' in message) desk.answered(message);
  else abort(message.abort, new TaskAbortedError(message.cause, message.message));
});

/** An attempt that runs out of time has failed, whatever its handler does now. */
function abort(n: number, reason: TaskAbortedError): void {
  const context = running.get(n);
  if (context === undefined) return;
  const isFailure = reason.abortCause === 'timed-out' || reason.abortCause === 'heartbeat';
  if (isFailure) handlers.get(context.type)?.hooks?.failed(context.type, context, reason);
  context.abort(reason);
}

async function load(): Promise<Map<string, LoadedHandler>> {
  try {
    const handlers = module === null ? new Map<string, LoadedHandler>() : await loadHandlers(module);
    const loaded = [...handlers.values()];
    const intercepts = loaded.some(({ hooks }) => hooks !== null);
    say({ loaded: loaded.map((handler) => handler.description), intercepts });
    // A handler of the user's may take the name of a built-in type.
    return new Map([...computeHandlers, ...handlers]);
  } catch (thrown) {
    const end = endOfThrown(thrown);
    say({ failedToLoad: 'error' in end ? end.error : { name: 'Error', message: end.outcome, retryable: true } });
    return new Map();
  }
}

function say(message: FromThread): void {
  port.postMessage(message);
}

function begin(call: WireCall): void {
  const context = new ThreadContext(call, worker, outbox, desk);
  running.set(call.n, context);
  currentCall.run(call, () => {
    Atomics.store(pulse, PULSE.CURRENT, call.n);
    if (call.trace === undefined || within === null) run(call, context);
    else within(call.trace, () => run(call, context));
    Atomics.store(pulse, PULSE.CURRENT, 0);
  });
}

function run({ n, type, payload }: WireCall, context: ThreadContext): void {
  callHandler(handlers.get(type), type, payload, context, (how) => end(n, how));
}

/** The first end counts. */
function end(n: number, how: CallEnd): void {
  if (running.delete(n)) outbox.end(n, how);
}
