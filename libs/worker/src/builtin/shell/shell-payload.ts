import * as z from 'zod';
import type { BuiltInDocument } from '../built-in.js';

/** No system call takes a NUL: it would end the text there. */
const NO_NUL = /^[^\0]*$/;
const text = z.string().regex(NO_NUL, 'has a NUL character, which no program can be given');
const variable = z.string().regex(/^[^\0=]+$/, "is no name of an environment variable: it is empty, or has '=' or NUL");

export const shellPayload = z.strictObject({
  argv: z
    .array(text)
    .min(1, 'is empty, expected a program and its arguments')
    .describe('The program and its arguments, such as `["sh","-c","date \\| wc -c"]`. No shell stands between'),
  cwd: text.min(1, 'is empty').optional().describe("Working directory. Default: the worker's"),
  env: z
    .record(variable, text)
    .optional()
    .describe("Environment variables, added to the worker's, of which those that begin with `DROVER_` are left out"),
  input: z.string().optional().describe('Written to stdin. Default: stdin is empty'),
});
export type ShellPayload = z.output<typeof shellPayload>;

export const OUTPUT_BYTES = 16 * 1024;
export const MESSAGE_CHARS = 1_000;

export const shellDocument: BuiltInDocument = {
  type: 'shell',
  summary:
    'Runs a program. It leads a process group of its own, which is killed when the program ends, when the task times out ' +
    'or is cancelled (SIGTERM, a second later SIGKILL), and when the worker dies. A process that begins a session of its ' +
    'own (`setsid`) leaves the group: it lives on, and the task does not wait for it. `DROVER_TASK`, `DROVER_ATTEMPT` ' +
    'and `DROVER_FENCING_TOKEN` are in the environment; of a fire of a schedule also `DROVER_FIRE_ID`, and ' +
    '`DROVER_FIRE_` with `SCHEDULE`, `NOMINAL`, `DUE`, `KIND`, `MISSED`.',
  payload: shellPayload,
  result:
    '`{ exitCode: 0, output }`: stdout and stderr together, in the order in which they were written. If the output ' +
    'was cut, `outputBytes` is its whole size.',
  limits: [
    `Of the output the last ${OUTPUT_BYTES / 1_024} KiB are kept.`,
    `The message of a failure has the last ${MESSAGE_CHARS.toLocaleString('en')} characters of the output.`,
  ],
  retries:
    'Retried: any other exit code, the end by a signal, a program or working directory that this worker lacks. ' +
    'Not retried: a payload that does not fit, an argument with a NUL, more arguments than the system takes.',
};
