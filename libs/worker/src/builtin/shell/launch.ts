import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { RejectTaskError, type TaskFire, type TraceContext } from '@drover/core';
import type { BuiltInContext } from '../built-in.js';
import { openInput } from './input-file.js';
import { toReader, type Pipe, type Pipes } from './pipes.js';
import type { ShellPayload } from './shell-payload.js';

/** A program that runs. `output` carries its stdout and stderr, in the order in which it wrote them. */
export interface Launched {
  readonly child: ChildProcess;
  /** Also the id of its process group. */
  readonly pid: number;
  readonly output: Readable;
  /** Resolves when the program itself has ended, whoever still holds its output. */
  readonly exited: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

/**
 * Starts the program. Rejects where this worker lacks the program or the folder (retried: another worker may have them),
 * and with `RejectTaskError` for what no worker can start.
 */
export async function launch(payload: ShellPayload, context: BuiltInContext, pipes: Pipes): Promise<Launched> {
  const input = payload.input === undefined ? null : await openInput(payload.input);
  try {
    return await withInput(input ?? 'ignore', payload, context, await pipes.take());
  } finally {
    // The program has its own copy.
    if (input !== null) closeSync(input);
  }
}

async function withInput(
  input: number | 'ignore',
  payload: ShellPayload,
  context: BuiltInContext,
  pipe: Pipe,
): Promise<Launched> {
  const output = toReader(pipe).on('error', () => undefined);
  try {
    const child = await start(payload, context, [input, pipe.writeFd, pipe.writeFd]);
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    exited.catch(() => undefined);
    const { pid } = child;
    if (pid === undefined) throw new Error('a started program has no process id');
    return { child, pid, output, exited };
  } catch (error) {
    output.destroy();
    throw error;
  } finally {
    // The program has its own copy.
    closeSync(pipe.writeFd);
  }
}

type Stdio = [number | 'ignore', number, number];

/** Rejects as `launch` does. */
async function start(payload: ShellPayload, context: BuiltInContext, stdio: Stdio): Promise<ChildProcess> {
  try {
    const child = begin(payload, context, stdio);
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child;
  } catch (error) {
    throw await explained(error as NodeJS.ErrnoException, payload);
  }
}

/** Some errors are thrown, and some are events of what never became a process. */
function begin({ argv, cwd, env }: ShellPayload, context: BuiltInContext, stdio: Stdio): ChildProcess {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    cwd,
    detached: true,
    stdio,
    env: {
      ...inherited(),
      ...env,
      DROVER_TASK: context.task,
      DROVER_ATTEMPT: String(context.attempt),
      DROVER_FENCING_TOKEN: String(context.fencingToken),
      ...(context.fire === undefined ? {} : fireVariables(context.fire)),
      ...(context.trace === undefined ? {} : traceVariables(context.trace)),
      ...context.deviceVariables,
    },
  });
}

function fireVariables({ id, schedule, nominal, due, kind, missed }: TaskFire): NodeJS.ProcessEnv {
  return {
    DROVER_FIRE_ID: id,
    DROVER_FIRE_SCHEDULE: schedule,
    DROVER_FIRE_NOMINAL: nominal,
    DROVER_FIRE_DUE: due,
    DROVER_FIRE_KIND: kind,
    DROVER_FIRE_MISSED: String(missed),
  };
}

function traceVariables({ traceparent, tracestate }: TraceContext): NodeJS.ProcessEnv {
  return { TRACEPARENT: traceparent, ...(tracestate === undefined ? {} : { TRACESTATE: tracestate }) };
}

/** The worker's environment without its own settings, among which may be credentials, and without its own trace. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isItsOwn(name)));
}

const isItsOwn = (name: string): boolean =>
  name.startsWith('DROVER_') || name === 'TRACEPARENT' || name === 'TRACESTATE';

/** The same error code stands for a program and for a folder that is not there. */
async function explained(error: NodeJS.ErrnoException, { argv, cwd }: ShellPayload): Promise<Error> {
  const [program = ''] = argv;
  if (cwd !== undefined && !(await isFolder(cwd)))
    return withCode(`shell: the working directory '${cwd}' is not a directory on this worker`, error);
  if (TOO_LONG.includes(error.code ?? ''))
    return new RejectTaskError('shell: program, arguments and environment are too long for this system', {
      cause: error,
    });
  if (error.code === 'ENOENT') return withCode(`shell: no program '${program}' on this worker`, error);
  return withCode(`shell: '${program}' cannot be run on this worker: ${error.code ?? error.message}`, error);
}
const TOO_LONG = ['E2BIG', 'ENAMETOOLONG'];

function withCode(message: string, cause: NodeJS.ErrnoException): Error {
  return Object.assign(new Error(message, { cause }), { code: cause.code });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
