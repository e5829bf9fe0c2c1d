/** A line that a process logged; its fields are those of its event (docs/events.md). */
export interface LogLine {
  event?: string;
  [field: string]: unknown;
}

/** Text that is no JSON object (such as a warning of Node) becomes a line without an event. */
export function parseLogLine(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null) return line as LogLine;
  } catch {
    // Not JSON: see below.
  }
  return { text };
}
