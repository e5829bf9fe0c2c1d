import { localTask } from '@drover/core';
import type { Options } from 'yargs';
import { listArg, textArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';

const RUN_TEXT = 'Id of the run, as printed by flow start';
export const RUN = { run: { type: 'string', describe: RUN_TEXT } } as const;
export const RUNS = { run: { type: 'string', array: true, describe: RUN_TEXT } } as const;
export const STEP = { ...RUN, step: { type: 'string', describe: 'Name of the step' } } as const;

export const PAYLOAD_OPTION: Record<string, Options> = {
  payload: { type: 'string', requiresArg: true, describe: 'JSON value that steps are given which refer to the signal' },
};

/** Throws `UsageError`, and `UnknownCellError` for a run of another cell. */
export function runArg(args: Environment['args']): string {
  return checkedRun(textArg(args, 'run') ?? '');
}

export function runArgs(args: Environment['args']): string[] {
  const runs = listArg(args, 'run').map(checkedRun);
  if (runs.length > 0) return runs;
  throw new UsageError("missing argument: ids of runs; 'drover flow ls' shows them");
}

function checkedRun(text: string): string {
  if (localTask(text) !== null) return text;
  throw new UsageError(`run: expected an id such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0, got '${text}'`);
}
