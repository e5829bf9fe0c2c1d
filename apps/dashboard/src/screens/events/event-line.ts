/** An event of a stream as the page keeps it. */
export interface Seen {
  readonly key: number;
  readonly id: string | null;
  readonly topic: string;
  readonly at: number;
  readonly data: unknown;
}

export const MOST_KEPT = 500;

/** The newest first; the oldest go. Pure. */
export function withEvent(seen: readonly Seen[], event: Seen): Seen[] {
  return [event, ...seen.slice(0, MOST_KEPT - 1)];
}

/** The parts of an event that a person counts by itself: each failure is one. Pure. */
export function partsOf(topic: string, data: unknown): unknown[] {
  const { items, dropped } = fieldsOf(data);
  if (topic !== 'failures' || !Array.isArray(items)) return [data];
  return [...(items as unknown[]), ...(typeof dropped === 'number' && dropped > 0 ? [{ dropped }] : [])];
}

const CHANGED: Readonly<Record<string, string>> = {
  workers: 'A worker joined, left or changed',
  schedulers: 'A scheduler joined, left or took the lead',
  schedules: 'A schedule fired or was changed',
};

/** An event in one line. */
export function lineOf({ topic, data }: Pick<Seen, 'topic' | 'data'>): string {
  const fields = fieldsOf(data);
  if (topic === 'failures') return failureLine(fields);
  if (topic === 'audit') return auditLine(fields);
  if (topic === 'overview') return overviewLine(fields);
  if (topic === 'operations')
    return `${text(fields, 'action')} ${text(fields, 'state')}: ${text(fields, 'done')} of ${text(fields, 'of')}`;
  if (Array.isArray(fields.changed)) return changedLine(fields.changed, fields.more);
  if (fields.changed === true && CHANGED[topic] !== undefined) return CHANGED[topic];
  if (topic.startsWith('task:')) return `${topic.slice(5)} is ${text(fields, 'state')}`;
  return shortened(JSON.stringify(data));
}

function changedLine(names: readonly unknown[], more: unknown): string {
  const others = typeof more === 'number' && more > 0 ? ` and ${more} more` : '';
  return `${names.map(String).join(', ')}${others} changed`;
}

function failureLine(fields: Fields): string {
  if (typeof fields.dropped === 'number') return `${fields.dropped} failures more than the stream carries`;
  const error = fieldsOf(fields.error);
  const end = fields.final === true ? 'failed for good' : 'failed, is tried again';
  return `${text(fields, 'task')} (${text(fields, 'type')}) ${end}: ${text(error, 'name')}: ${text(error, 'message')}`;
}

function auditLine(fields: Fields): string {
  const reason = typeof fields.reason === 'string' ? `: ${fields.reason}` : '';
  const ending = fields.ok === false ? `, refused (${text(fields, 'code')})` : '';
  return `${text(fields, 'who')} ${text(fields, 'action')} ${text(fields, 'object')}${reason}${ending}`;
}

function overviewLine(fields: Fields): string {
  const tasks = fieldsOf(fields.tasks);
  if (tasks.pending === undefined) return shortened(JSON.stringify(fields));
  return `${text(tasks, 'pending')} pending, ${text(tasks, 'out')} out, ${text(tasks, 'failed')} failed`;
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
const text = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '–';
};
const shortened = (line: string): string => (line.length > 300 ? `${line.slice(0, 300)} …` : line);

/** One event a line, the oldest first. */
export const asLines = (seen: readonly Seen[]): string =>
  seen
    .toReversed()
    .map(({ id, topic, at, data }) => `${JSON.stringify({ id, event: topic, at, data })}\n`)
    .join('');
