import { inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { tasksWait } from './format.js';
import { renderTable } from './table.js';

/** Why many tasks wait. */
export interface WhyOfMany {
  /** Tasks that were asked about. */
  asked: number;
  /** More tasks wait than were asked about. */
  hasMore: boolean;
  /** By the reason to mend first, the most frequent first. */
  reasons: { code: string; count: number; sentence: string; example: string }[];
}

export function showWhyOfMany({ asked, hasMore, reasons }: WhyOfMany, colors: Colors, width = Infinity): string {
  if (asked === 0) return colors.dim('no tasks wait');
  const waits = tasksWait(asked);
  const head = hasMore ? `more than ${waits}; of the newest:` : waits;
  const rows = reasons.map(({ count, sentence, example }) => [count, inOneLine(sentence), example]);
  const columns = [
    { head: 'tasks', align: 'right' as const },
    { head: 'why', least: 30 },
    { head: 'for example', leaveOut: 1 },
  ];
  return `${colors.bold(head)}\n\n${renderTable(columns, rows, colors, width)}`;
}
