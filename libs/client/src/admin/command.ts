import { checkAsked, type BatchId } from '@drover/core';
import {
  commandPath,
  decodeRecord,
  encodeRecord,
  ROOTS,
  type CommandAnswer,
  type CommandRequest,
} from '@drover/protocol';
import { DeadlinePassed, inBackground, unlessAborted, withDeadline, type Runtime } from '@drover/runtime';
import { needNotSucceed, nullOn, type ZooKeeper } from '@drover/zookeeper';
import { withHandle } from '../again.js';
import type { Connection } from '../connection.js';
import type { AskOptions } from '../options.js';
import { ClientClosedError, CommandRefusedError, CommandTimeoutError, NoLeaderError } from '../errors.js';

export interface CommandContext {
  connection: Connection;
  runtime: Runtime;
  newId: () => BatchId;
  timeoutMs: number;
  /** The requester and the reason. */
  asked: AskOptions;
}

/** The longest time to find out who leads, when a command was not answered. */
const LOOK_MS = 1_000;

/**
 * Asks the leader: creates an ephemeral znode with the request, waits until the answer stands in it, and removes it. A
 * leader that takes over meanwhile finds it and acts. If the session expires, the request goes with it and is made
 * again in the next one. `needs`: features without which a leader must not act on it.
 *
 * Throws `NoLeaderError`, `CommandTimeoutError`, and `CommandRefusedError` where the answer is no.
 */
export async function command(
  request: CommandRequest,
  context: CommandContext,
  needs: readonly string[] = [],
): Promise<CommandAnswer> {
  const answer = await ask(request, context, needs).catch(async (error: unknown) => {
    throw error instanceof DeadlinePassed ? await whyUnanswered(request.kind, context) : error;
  });
  // An answer that names each task or run is no refusal: some of them may have been changed.
  if (!answer.ok && answer.tasks === undefined && answer.runs === undefined)
    throw new CommandRefusedError(answer.message ?? `the leader refused '${request.kind}'`);
  return answer;
}

async function ask(request: CommandRequest, context: CommandContext, needs: readonly string[]): Promise<CommandAnswer> {
  const { connection, runtime, timeoutMs } = context;
  const path = commandPath(context.newId());
  const { by, reason } = checkAsked(context.asked);
  const record = { needs, request, by, reason };
  let tries = 0;
  // An earlier request may have been carried out, and went with its session.
  const data = (): string => encodeRecord('command', tries++ === 0 ? record : { ...record, again: true });
  try {
    return await withDeadline(runtime, timeoutMs, (signal) =>
      withHandle(connection.writer, runtime, (zk) => unlessAborted(askWith(zk, path, data, signal), signal), signal),
    );
  } finally {
    inBackground(remove(connection, path), unlessClosed);
  }
}

async function askWith(zk: ZooKeeper, path: string, data: () => string, signal: AbortSignal): Promise<CommandAnswer> {
  for (;;) {
    // The request was removed because the caller does not wait any more: it must not be sent again.
    signal.throwIfAborted();
    await nullOn(zk.create(path, data(), { mode: 'ephemeral' }), 'NODE_EXISTS');
    for (;;) {
      let wake = (): void => undefined;
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const znode = await nullOn(zk.get(path, wake), 'NO_NODE');
      if (znode === null) break;
      const { answer } = decodeRecord('command', path, znode.data);
      if (answer !== undefined) return answer;
      await changed;
    }
  }
}

async function remove(connection: Connection, path: string): Promise<void> {
  const zk = await connection.ready();
  await zk.delete(path);
}

/** A request that cannot be removed now is removed with the session; it is gone already if the client was closed. */
function unlessClosed(error: unknown): void {
  if (!(error instanceof ClientClosedError)) needNotSucceed(error);
}

async function whyUnanswered(kind: string, { connection, runtime, timeoutMs }: CommandContext): Promise<Error> {
  const look = async (zk: ZooKeeper): Promise<string | null> => {
    const znode = await nullOn(zk.get(ROOTS.leader), 'NO_NODE');
    return znode === null ? null : decodeRecord('leader', ROOTS.leader, znode.data).id;
  };
  try {
    const leader = await withDeadline(runtime, LOOK_MS, (signal) =>
      withHandle(connection, runtime, (zk) => unlessAborted(look(zk), signal), signal),
    );
    return leader === null ? new NoLeaderError(timeoutMs) : new CommandTimeoutError(kind, leader, timeoutMs);
  } catch {
    return new CommandTimeoutError(kind, 'unknown: no connection to ZooKeeper', timeoutMs);
  }
}
