import type { Readable } from 'node:stream';
import type { Runtime } from '@drover/runtime';
import type { Options, PositionalOptions } from 'yargs';
import type { Colors } from './terminal/colors.js';
import type { Output } from './terminal/output.js';

/**
 * A note that is printed when the process is asked to stop, for example about tasks that continue. Set by the command.
 */
export interface Interruption {
  note: (() => string) | null;
  /** Carried out on SIGHUP while the terminal is there, in place of a stop. Set by the command; `null`: it stops. */
  hangUp: (() => void) | null;
}

/** The environment of a command. */
export interface Environment {
  /** Options and positionals by camel-cased name; absent where not given. */
  args: Readonly<Record<string, unknown>>;
  /** True: stdout gets documents for programs, and nothing else. */
  json: boolean;
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  /** The colours of stdout. */
  colors: Colors;
  env: NodeJS.ProcessEnv;
  /** Aborted with `InterruptedError` when the process was asked to stop. */
  signal: AbortSignal;
  interruption: Interruption;
  runtime: Runtime;
}

/** The export `command` of a command's module, which is loaded only when that command runs. */
export interface Command {
  positionals?: Readonly<Record<string, PositionalOptions & { defaultDescription?: string }>>;
  options: Readonly<Record<string, Options>>;
  /** Text of `--help` beside the description in one line. */
  details?: string;
  examples: readonly (readonly [commandLine: string, meaning: string])[];
  /** Resolves to the exit code. */
  run(environment: Environment): Promise<number>;
}

/** An option or positional that holds text; absent and empty are told apart. */
export function textArg(args: Environment['args'], name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** Of an option that may be given several times, its texts with commas between them; of any other its text. */
export function joinedArg(args: Environment['args'], name: string): string | undefined {
  const value = args[name];
  return Array.isArray(value) && value.length > 0 ? value.map(String).join(',') : textArg(args, name);
}

export function flagArg(args: Environment['args'], name: string): boolean {
  return args[name] === true;
}

/** A variadic positional, or an option that is a list. */
export function listArg(args: Environment['args'], name: string): string[] {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : [];
}
