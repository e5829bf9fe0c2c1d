import { createInterface } from 'node:readline';
import type { AskOptions, Drover, TaskReply } from '@drover/client';
import { FINAL_STATES, localTask } from '@drover/core';
import { unlessAborted } from '@drover/runtime';
import type { Options } from 'yargs';
import { askedOf } from '../asked.js';
import { withClient } from '../client.js';
import { flagArg, listArg, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { filterOf } from '../filter-options.js';
import { counted, formatCount } from '../views/format.js';

/** `drover cancel`, `drover retry` and `drover task set`. */
export interface TaskChange {
  verb: 'cancel' | 'retry' | 'set';
  /** The participle of the command, such as `cancelled`. */
  done: string;
  /** A filter for the tasks that it can change, which is added to every filter. */
  eligible: string;
  change(drover: Drover, ids: readonly string[], asked: AskOptions): Promise<TaskReply[]>;
}

/** The same with a client, and with who asks for it and why. */
interface AskedChange extends Omit<TaskChange, 'change'> {
  change(ids: readonly string[]): Promise<TaskReply[]>;
}

export const CONFIRM_OPTIONS: Record<string, Options> = {
  yes: { type: 'boolean', alias: 'y', describe: 'With a filter: do not ask for confirmation' },
};

/** Ids in one command to the leader: after each command it is known which tasks were changed. */
const IDS_PER_COMMAND = 1_000;
/** Lines of tasks that a filter chose which people see; programs (`--json`) get all. */
const SHOWN = 20;

/**
 * Changes the named tasks, or those that a filter finds: it counts these, asks, and changes exactly these after a yes.
 */
export function changeTasks(environment: Environment, what: TaskChange): Promise<number> {
  const { args } = environment;
  const given = listArg(args, 'task');
  const terms = given.filter((text) => localTask(text) === null && text.includes(':'));
  const ids = given.filter((text) => !terms.includes(text));
  const filter = filterOf(args, terms);
  if (ids.length > 0 && filter !== '') throw new UsageError('give task ids or a filter, not both');
  if (ids.length === 0 && filter === '')
    throw new UsageError(
      `missing argument: task ids, or a filter such as queue:images; see 'drover ${what.verb === 'set' ? 'task set' : what.verb} --help'`,
    );
  const asked = askedOf(args);
  return withClient(environment, async (drover) => {
    const how = { ...what, change: (some: readonly string[]) => what.change(drover, some, asked) };
    if (ids.length > 0) return changeNamed(environment, how, ids);
    return changeMatching(environment, drover, how, `${filter} ${what.eligible}`);
  });
}

async function changeNamed(environment: Environment, what: AskedChange, ids: readonly string[]): Promise<number> {
  const counts = await changeAll(environment, what, ids, Infinity);
  return counts.done === ids.length ? EXIT.DONE : EXIT.FAILED;
}

async function changeMatching(
  environment: Environment,
  drover: Drover,
  what: AskedChange,
  filter: string,
): Promise<number> {
  const { json, stdout, stderr, signal } = environment;
  const ids: string[] = [];
  const states = new Map<string, number>();
  for await (const { id, state } of drover.list({ filter, limit: Infinity, signal })) {
    ids.push(id);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  if (ids.length === 0) {
    stderr.note(`no tasks match${what.verb === 'retry' ? ' that have failed' : ' that have not finished'}`);
    await stderr.flush();
    return EXIT.DONE;
  }
  const found = `${counted(ids.length, 'task')} (${[...states].map(([state, count]) => `${formatCount(count)} ${state}`).join(', ')})`;
  if (!(await confirmed(environment, what, found))) {
    await stderr.line(`nothing was ${what.done}`);
    return EXIT.FAILED;
  }
  const { done, finished } = await changeAll(environment, what, ids, SHOWN);
  if (!json) await stdout.line(summaryOf(what, ids.length, done, finished));
  // Some tasks may have ended between the count and the change: they need not be changed any more.
  return done + finished === ids.length ? EXIT.DONE : EXIT.FAILED;
}

function summaryOf({ done: participle }: AskedChange, asked: number, done: number, finished: number): string {
  const refused = asked - done - finished;
  const parts = [`${formatCount(done)} of ${counted(asked, 'task')} ${participle}`];
  if (finished > 0) parts.push(`${formatCount(finished)} had changed meanwhile`);
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  return parts.join(', ');
}

/** Whether `--yes` was given, or somebody at a terminal says yes. Throws `UsageError` where nobody can be asked. */
export async function confirmed(
  environment: Environment,
  { verb, done }: { verb: string; done: string },
  found: string,
): Promise<boolean> {
  const { args, stdin, stderr } = environment;
  if (flagArg(args, 'yes')) return true;
  if (stdin.isTTY !== true || !stderr.isTerminal)
    throw new UsageError(`${found} would be ${done}; nothing was done: repeat the command with --yes`);
  await stderr.flush();
  const answer = await answerTo(`${verb} ${found}? [y/N] `, environment);
  // If stdin ends without an answer, the line of the question is ended here.
  if (answer === '\n') await stderr.writeNow(answer);
  return /^\s*y(es)?\s*$/i.test(answer);
}

/** A line of stdin; a line feed alone at its end. The terminal stays as it is, so that Ctrl-C stops the process. */
async function answerTo(question: string, { stdin, stderr, signal }: Environment): Promise<string> {
  await stderr.writeNow(question);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await unlessAborted(
      new Promise<string>((resolve) => {
        lines.once('line', resolve).once('close', () => resolve('\n'));
      }),
      signal,
    );
  } finally {
    lines.close();
  }
}

/**
 * Changes the tasks, and says how many were changed when it is stopped or fails. `finished`: tasks that were refused
 * because they have ended.
 */
async function changeAll(
  environment: Environment,
  what: AskedChange,
  ids: readonly string[],
  most: number,
): Promise<{ done: number; finished: number }> {
  const { stderr, interruption } = environment;
  const counts = { done: 0, finished: 0 };
  const soFar = (): string => `${formatCount(counts.done)} of ${counted(ids.length, 'task')} ${what.done}`;
  interruption.note = soFar;
  let shown = 0;
  for (let from = 0; from < ids.length; from += IDS_PER_COMMAND) {
    const some = ids.slice(from, from + IDS_PER_COMMAND);
    const replies = await what.change(some).catch((error: unknown) => {
      if (from > 0) stderr.note(`${soFar()}, then it failed`);
      throw error;
    });
    for (const reply of replies) {
      if (reply.ok) counts.done++;
      else if (isFinal(reply.state)) counts.finished++;
      if (environment.json || shown++ < most) await showReply(environment, reply, what);
    }
  }
  await stderr.flush();
  return counts;
}

/** `ended`: the leader does not remember how the task ended. */
const isFinal = (state: string | undefined): boolean =>
  state === 'ended' || (FINAL_STATES as readonly string[]).includes(state ?? '');

async function showReply(
  { json, stdout, stderr, colors }: Environment,
  reply: TaskReply,
  { done }: AskedChange,
): Promise<void> {
  const { id, ok, message, moved } = reply;
  if (json) await stdout.json(reply);
  else if (ok) await stdout.line(`${id} ${colors.green(done)}${moved === undefined ? '' : `, goes on as ${moved}`}`);
  else await stderr.line(`${id} ${colors.red(`not ${done}`)}: ${message ?? 'the leader gave no reason'}`);
}
