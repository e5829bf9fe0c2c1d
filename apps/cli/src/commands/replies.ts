import type { TaskReply } from '@drover/client';
import type { Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';

/** A line for each task of a command to the leader. Exit code 1 where any of them was refused. */
export async function reportReplies(
  replies: readonly TaskReply[],
  done: string,
  { json, stdout, stderr, colors }: Environment,
): Promise<number> {
  for (const reply of replies) {
    const { id, ok, state, message } = reply;
    if (json) await stdout.json(reply);
    else if (ok) await stdout.line(`${id} ${colors.green(done)}`);
    else await stderr.line(`${id} ${colors.red('refused')}: ${message ?? `it is ${state ?? 'not there'}`}`);
  }
  await stderr.flush();
  return replies.every(({ ok }) => ok) ? EXIT.DONE : EXIT.FAILED;
}
