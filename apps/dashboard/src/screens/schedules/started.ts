/** A fire, as far as it says what it started: one of these. */
export interface Fired {
  readonly task?: string | undefined;
  readonly run?: string | undefined;
  readonly broadcast?: string | undefined;
}
/** Something that a schedule started, and the place where it is looked at. */
export interface Started {
  readonly kind: 'task' | 'run' | 'broadcast';
  readonly id: string;
  readonly to: string;
}

/** Pure. */
export function startedBy({ task, run, broadcast }: Fired): Started {
  if (run !== undefined) return { kind: 'run', id: run, to: `/flows/${encodeURIComponent(run)}` };
  if (broadcast !== undefined)
    return { kind: 'broadcast', id: broadcast, to: `/broadcasts/${encodeURIComponent(broadcast)}` };
  return { kind: 'task', id: task ?? '', to: `/tasks/${encodeURIComponent(task ?? '')}` };
}

/** `task report`, `flow nightly`, `broadcast flush-cache`: what a definition starts at each of its times. Pure. */
export function startsText(spec: Readonly<Record<string, unknown>>): string {
  const run = typeof spec.run === 'object' && spec.run !== null ? (spec.run as Readonly<Record<string, unknown>>) : {};
  const [kind, name] =
    run.flow !== undefined
      ? ['flow', run.flow]
      : run.broadcast !== undefined
        ? ['broadcast', run.broadcast]
        : ['task', run.type];
  return typeof name === 'string' ? `${kind} ${name}` : kind;
}
