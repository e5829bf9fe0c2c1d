import { EVENTS, type EventName } from '@drover/observability';

export interface LoggedEvent {
  name: EventName;
  fields: Record<string, unknown>;
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string' && value !== '';
const optionalText: Check = (value) => value === undefined || text(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const positive: Check = (value) => count(value) && (value as number) > 0;
const texts: Check = (value) => Array.isArray(value) && value.every(text);
const bool: Check = (value) => typeof value === 'boolean';
const any: Check = (value) => value !== undefined;

/** The check of each field, by its name, in the events of the scheduler. */
const FIELDS: Record<string, Check> = {
  ...{
    epoch: positive,
    incarnation: positive,
    terms: count,
    times: positive,
    capacity: positive,
    /** 0: it expired before the first. */
    attempts: count,
  },
  ...{
    batches: count,
    assignments: count,
    bytes: count,
    names: count,
    tookMs: count,
    pauseMs: count,
    timeoutMs: count,
  },
  ...{ reason: text, path: text, worker: text, assignment: text, leader: text, code: text, command: text, kind: text },
  ...{ target: text, task: text, type: text, what: text, owner: text, sessionId: any, error: any, ok: bool },
  ...{ by: optionalText, types: texts, tasks: count },
};
/** Checks for fields of single events that differ from those of `FIELDS`. */
const OWN: Partial<Record<EventName, Record<string, Check>>> = {
  'command.done': { reason: optionalText },
  // A task that expires, or is refused for its unique key, has had no attempt.
  'task.dead': { error: text, attempts: count },
  'retention.removed': { batches: positive, tasks: positive },
  'assignment.revoked': { tasks: positive },
};

/** The faults of an event: fields that the table does not list, that are missing, or whose values are wrong. */
export function eventProblems({ name, fields }: LoggedEvent): string[] {
  const declared: readonly string[] = EVENTS[name].fields;
  const problems = Object.keys(fields)
    .filter((field) => !declared.includes(field))
    .map((field) => `${name} has a field ${field} that the table does not list`);
  for (const field of declared) {
    const check = OWN[name]?.[field] ?? FIELDS[field] ?? any;
    if (!check(fields[field])) problems.push(`${name} says ${field}: ${String(fields[field])}`);
  }
  return problems;
}
