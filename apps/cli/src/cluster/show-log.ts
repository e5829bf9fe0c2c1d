import { logLineFormatter } from '@drover/observability';

/** Makes a function that shows a line of a member's log to people; a line that is no log line names the member. */
export function logLineViewer(options: { colors: boolean }): (member: string, line: string) => string {
  const format = logLineFormatter(options);
  return (member, line) => (isLogLine(line) ? format(line).trimEnd() : `${member} ${line}`);
}

function isLogLine(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'msg' in value;
  } catch {
    return false;
  }
}
