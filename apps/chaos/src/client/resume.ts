import type { Operation } from '@drover/verify';

/** The knowledge of a killed client, from its own history. */
export interface Resumption {
  /** Calls that had begun and not ended. */
  open: Operation[];
  /** Tasks that are durable and whose end it was not told. */
  unread: { task: string; id: string }[];
  calls: number;
  /** Tasks that it has named. */
  tasks: number;
}

/** `past`: the lines of this client alone, in their order. */
export function resumeFrom(past: readonly Operation[]): Resumption {
  const open = new Map<Operation['call'], Operation>();
  const unread = new Map<string, string>();
  let calls = 0;
  const tasks = new Set<string>();
  for (const line of past) {
    tasks.add(line.task);
    if (line.type === 'invoke') {
      calls++;
      open.set(line.call, line);
      continue;
    }
    open.delete(line.call);
    if (line.type !== 'ok') continue;
    if (line.op === 'submit' && line.id !== undefined) unread.set(line.task, line.id);
    if (line.op === 'result') unread.delete(line.task);
  }
  return {
    open: [...open.values()],
    unread: [...unread].map(([task, id]) => ({ task, id })),
    calls,
    tasks: tasks.size,
  };
}
