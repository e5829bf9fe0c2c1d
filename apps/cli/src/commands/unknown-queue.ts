import type { Drover } from '@drover/client';
import { nearest } from '@drover/core';
import type { Environment } from '../command.js';

/** Warns of a queue that had neither tasks nor settings before the command: its name may be a typing error. */
export async function warnIfUnknown(
  { stderr }: Environment,
  drover: Drover,
  queue: string,
  done: string,
): Promise<void> {
  const names = (await drover.queues()).map(({ name }) => name).filter((name) => name !== queue);
  const near = nearest(queue, names);
  const meant = near === null ? '' : `; did you mean '${near}'?`;
  stderr.note(`no queue named '${queue}' has tasks; ${done} anyway${meant}`);
  await stderr.flush();
}
