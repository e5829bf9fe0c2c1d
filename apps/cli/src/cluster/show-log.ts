import type { Colors } from '../terminal/colors.js';

const OWN_FIELDS = new Set(['level', 'time', 'event', 'msg', 'role', 'id', 'name']);

/** A line of a member's log for people: `12:00:01 s1 leading epoch=7`. What is no log line is shown as it is. Pure. */
export function showLogLine(member: string, line: string, colors: Colors): string {
  const record = parse(line);
  if (record === null) return `${colors.bold(member)} ${line}`;
  const { time, level, msg } = record;
  const fields = Object.entries(record)
    .filter(([name]) => !OWN_FIELDS.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const at = String(time).slice(11, 19);
  const paint = level === 'info' || level === 'debug' ? (text: string) => text : colors.yellow;
  return `${colors.dim(at)} ${colors.bold(member)} ${paint(String(msg))} ${colors.dim(fields.join(' '))}`.trimEnd();
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'msg' in value ? { ...value } : null;
  } catch {
    return null;
  }
}
