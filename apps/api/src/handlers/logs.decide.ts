import type { TaskView } from '@drover/client';

/** The sources for the log of one attempt. */
export interface LogPlan {
  readonly attempt: number;
  /** The worker that has or had it; `null`: none had. */
  readonly worker: string | null;
  readonly isOver: boolean;
  /** The end of the log, as it is stored; `null`: none is. `at`: when the attempt ended. */
  readonly stored: { readonly lines: readonly string[]; readonly at: number } | null;
  /** Why there is nothing, should the worker have nothing. */
  readonly otherwise: string;
}

/** Pure. `attempt`: the one that is asked for; `null`: the last one. */
export function planLog(task: TaskView, asked: number | null): LogPlan {
  const attempt = asked ?? Math.max(task.attempt, 1);
  const ended = task.history.findLast((entry) => entry.attempt === attempt && entry.worker !== null);
  if (isOut(task, attempt))
    return { attempt, worker: task.worker, isOver: false, stored: null, otherwise: 'it has logged nothing yet' };
  if (ended === undefined) {
    const otherwise =
      attempt > task.attempt ? `attempt ${attempt} has not begun` : `no worker has reported about attempt ${attempt}`;
    return { attempt, worker: null, isOver: true, stored: null, otherwise };
  }
  const { worker, log, at, outcome } = ended;
  const otherwise =
    outcome === 'succeeded' || outcome === 'later'
      ? 'it succeeded, and only the logs of failed attempts are stored (--run-log all stores all)'
      : 'it logged nothing, or its worker stores no logs (--run-log none)';
  return { attempt, worker, isOver: true, stored: log === undefined ? null : { lines: log, at }, otherwise };
}

/** The attempt is at a worker, as far as ZooKeeper says. */
export const isOut = ({ state, attempt: last }: TaskView, attempt: number): boolean =>
  (state === 'assigned' || state === 'running') && last === attempt;

/** The address in the team's log system. `{task}`, `{attempt}`, `{worker}`, `{type}`, `{queue}` are filled in. */
export function logUrl(template: string, task: TaskView, { attempt, worker }: LogPlan): string {
  const values: Readonly<Record<string, string>> = {
    task: task.id,
    attempt: String(attempt),
    worker: worker ?? '',
    type: task.type,
    queue: task.queue,
  };
  return filledTemplate(template, values);
}

/** A template of a URL with the values in the places of their names: `{task}`. Other names stay. Pure. */
export const filledTemplate = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? encodeURIComponent(values[name] ?? '') : whole,
  );
