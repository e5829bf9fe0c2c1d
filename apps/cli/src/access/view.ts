import type { TokenView } from '@drover/client';
import { inOneLine } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatAgo } from '../views/format.js';
import { renderTable, type Column } from '../views/table.js';

/** An entry of the audit, as the API tells it. */
export interface AuditLine {
  id: string;
  at: number;
  who: string;
  auth: string;
  from: string | null;
  action: string;
  object: string | null;
  reason: string | null;
  ok: boolean;
  code: string | null;
  count: number | null;
}

/** How tokens look to people. Pure. */
export function showTokens(tokens: readonly TokenView[], now: number, colors: Colors, width = Infinity): string {
  const rows = tokens.map(({ id, name, roles, queues, createdBy, createdAt, expiresAt }) => [
    id,
    inOneLine(name),
    roles.join(','),
    queues === null ? 'all' : queues.join(','),
    expiryOf(expiresAt, now),
    formatAgo(createdAt, now),
    inOneLine(createdBy ?? '-'),
  ]);
  const columns: Column[] = [
    { head: 'id', paint: colors.bold },
    { head: 'name', least: 8 },
    { head: 'roles', least: 8 },
    { head: 'queues', least: 8, leaveOut: 3 },
    { head: 'expires' },
    { head: 'made', leaveOut: 4 },
    { head: 'by', least: 8, leaveOut: 5, optional: true },
  ];
  return renderTable(columns, rows, colors, width);
}

export const expiryOf = (expiresAt: number | null, now: number): string =>
  expiresAt === null ? 'never' : expiresAt <= now ? 'expired' : formatAgo(expiresAt, now);

export const AUDIT_COLUMNS = (colors: Colors): Column[] => [
  { head: 'time' },
  { head: 'who', least: 8, paint: colors.bold },
  { head: 'action' },
  { head: 'object', least: 10 },
  { head: 'outcome' },
  { head: 'from', least: 8, leaveOut: 3 },
  { head: 'reason', least: 8, leaveOut: 4, optional: true },
];

/** The cells of a line of the audit. */
export function auditRow({ at, who, action, object, ok, code, from, reason, count }: AuditLine): string[] {
  const outcome = ok ? 'ok' : (code ?? 'failed');
  return [
    new Date(at).toISOString(),
    inOneLine(who),
    action,
    inOneLine(object ?? '-'),
    count === null ? outcome : `${outcome} (${count})`,
    from ?? '-',
    inOneLine(reason ?? '-'),
  ];
}
