import { inOneLine } from '@drover/core';

/**
 * A line of a member's log for people: a log line as `format` shows it, which escapes control characters; any other line
 * with the member's name, escaped here. Pure.
 */
export function showLogLine(member: string, line: string, format: (line: string) => string): string {
  return isLogLine(line) ? format(line).trimEnd() : `${member} ${inOneLine(line)}`;
}

function isLogLine(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'msg' in value;
  } catch {
    return false;
  }
}
