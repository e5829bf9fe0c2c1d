import type { EVENTS } from './events.js';

/** A log line's name, level and fields come from one table, so that operators can rely on them. */
export type EventName = keyof typeof EVENTS;
type FieldNames<Name extends EventName> = (typeof EVENTS)[Name]['fields'][number];
export type EventFields<Name extends EventName> = Record<FieldNames<Name>, unknown>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The log of the libraries. No secrets and no payloads go in. */
export interface Log {
  event<Name extends EventName>(name: Name, fields: EventFields<Name>): void;
  /** The same log with fields that every line carries. */
  with(fields: Record<string, unknown>): Log;
}

/** A log that drops everything, for tests and for libraries that are used without a log. */
export const silentLog: Log = { event: () => undefined, with: () => silentLog };
