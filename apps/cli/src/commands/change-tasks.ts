import type { AskOptions, Drover, TaskReply } from '@drover/client';
import { FINAL_STATES, localTask } from '@drover/core';
import { resolveRoute } from '@drover/config';
import { sleep } from '@drover/runtime';
import { askedOf } from '../asked.js';
import { bulkByApi } from '../bulk/by-api.js';
import { bulkWishesOf, type BulkWishes } from '../bulk/options.js';
import { withApi, withClient } from '../client.js';
import { listArg, type Environment } from '../command.js';
import { confirmed } from '../confirm.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { filterOf } from '../filter-options.js';
import { clientSettingsOf } from '../settings.js';
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
  const wishes = bulkWishesOf(args, filter !== '');
  const asked = askedOf(args);
  const { verb, done } = what;
  if (filter !== '' && verb !== 'set' && resolveRoute(clientSettingsOf(environment)).via === 'api') {
    const action = { action: verb, done, filter: `${filter} ${what.eligible}`, reason: asked.reason };
    return withApi(environment, (api) => bulkByApi(environment, api, action, wishes), { stopsItself: true });
  }
  return withClient(environment, async (drover) => {
    const how = { ...what, change: (some: readonly string[]) => what.change(drover, some, asked) };
    if (ids.length > 0) return changeNamed(environment, how, ids);
    return changeMatching(environment, drover, how, { filter: `${filter} ${what.eligible}`, wishes });
  });
}

async function changeNamed(environment: Environment, what: AskedChange, ids: readonly string[]): Promise<number> {
  const counts = await changeAll(environment, what, ids, { most: Infinity, rate: null });
  return counts.done === ids.length ? EXIT.DONE : EXIT.FAILED;
}

async function changeMatching(
  environment: Environment,
  drover: Drover,
  what: AskedChange,
  { filter, wishes }: { filter: string; wishes: BulkWishes },
): Promise<number> {
  const { json, stdout, stderr, signal } = environment;
  const { limit, from, rate } = wishes;
  const after = from === null ? {} : { after: from };
  const ids: string[] = [];
  const states = new Map<string, number>();
  for await (const { id, state } of drover.list({ filter, limit, signal, ...after })) {
    ids.push(id);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  if (ids.length === 0) {
    stderr.note(`no tasks match${what.verb === 'retry' ? ' that have failed' : ' that have not finished'}`);
    await stderr.flush();
    return EXIT.DONE;
  }
  const found = `${counted(ids.length, 'task')} (${[...states].map(([state, count]) => `${formatCount(count)} ${state}`).join(', ')})`;
  if (wishes.dryRun) {
    if (json) await stdout.json({ count: ids.length, byState: Object.fromEntries(states), samples: ids.slice(0, 10) });
    else await stdout.line(`${found} would be ${what.done}; nothing was done`);
    return EXIT.DONE;
  }
  if (!(await confirmed(environment, { ...what, found, count: ids.length }))) {
    await stderr.line(`nothing was ${what.done}`);
    return EXIT.FAILED;
  }
  const { done, finished } = await changeAll(environment, what, ids, { most: SHOWN, rate });
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

/**
 * Changes the tasks, and says how many were changed when it is stopped or fails. `finished`: tasks that were refused
 * because they have ended.
 */
async function changeAll(
  environment: Environment,
  what: AskedChange,
  ids: readonly string[],
  { most, rate }: { most: number; rate: BulkWishes['rate'] },
): Promise<{ done: number; finished: number }> {
  const { stderr, interruption, runtime } = environment;
  const counts = { done: 0, finished: 0 };
  const soFar = (): string => `${formatCount(counts.done)} of ${counted(ids.length, 'task')} ${what.done}`;
  let last: string | undefined;
  interruption.note = () =>
    most === Infinity || last === undefined ? soFar() : `${soFar()}; go on with the same command and --from ${last}`;
  let shown = 0;
  const perSecond = typeof rate === 'number' ? rate : Infinity;
  const size = Math.min(Math.max(Math.floor(perSecond), 1), IDS_PER_COMMAND);
  for (let from = 0; from < ids.length; from += size) {
    if (from > 0 && perSecond !== Infinity) await sleep(runtime, (1_000 * size) / perSecond);
    const some = ids.slice(from, from + size);
    const replies = await what.change(some).catch((error: unknown) => {
      if (from > 0) stderr.note(`${soFar()}, then it failed`);
      throw error;
    });
    last = some.at(-1);
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
