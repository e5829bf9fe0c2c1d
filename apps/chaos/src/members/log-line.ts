/** A line that a process logged; its fields are those of its event (docs/events.md). */
export interface LogLine {
  event?: string;
  [field: string]: unknown;
}

/** What is no JSON object (a warning of Node) is a line without an event. */
export function parseLogLine(text: string): LogLine {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null) return line as LogLine;
  } catch {
    // Said below.
  }
  return { text };
}
