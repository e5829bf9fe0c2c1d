import { createRequire } from 'node:module';
import { inOneLine } from '@drover/core';
import type { prettyFactory as PrettyFactory } from 'pino-pretty';

// A process that writes only JSON does not load it.
const require = createRequire(import.meta.url);

/** Every line has these; `role` is not shown, since `id` and `name` tell it. */
const OWN_FIELDS = new Set(['level', 'time', 'event', 'msg', 'role', 'id', 'name']);
const PLAIN = /^[^\s"=\p{C}]+$/u;

/**
 * Makes a function that turns a JSON log line of any Drover process into a line for people, such as `[12:00:01.042]
 * WARN: s1 lost contact with ZooKeeper reason="read ECONNRESET"`. A line that is no log line stays as it is. Control
 * characters are shown escaped, so that no value can forge a line or change the terminal.
 */
export function logLineFormatter(options: { colors: boolean }): (line: string) => string {
  const { prettyFactory } = require('pino-pretty') as { prettyFactory: typeof PrettyFactory };
  return prettyFactory({
    colorize: options.colors,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    // pino-pretty would show it behind the level, beside the sentence that begins with it.
    ignore: 'name',
    errorLikeObjectKeys: [],
    messageFormat: (record) => sentence(record),
  });
}

function sentence(record: Record<string, unknown>): string {
  const who = record.id ?? record.name;
  const fields = Object.entries(record)
    .filter(([name, value]) => !OWN_FIELDS.has(name) && value !== undefined)
    .map(([name, value]) => `${name}=${shown(value)}`);
  return [...(who === undefined ? [] : [text(who)]), text(record.msg), ...fields].map(inOneLine).join(' ');
}

/**
 * The value as text: without quotes if it needs none; an error as name and message; a list of plain values with commas.
 */
function shown(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => PLAIN.test(text(item)))) return value.map(text).join(',');
  if (isError(value)) return JSON.stringify(`${value.name}: ${value.message}`);
  return PLAIN.test(text(value)) ? text(value) : JSON.stringify(value);
}

const isError = (value: unknown): value is { name: string; message: string } =>
  typeof value === 'object' && value !== null && 'name' in value && 'message' in value;

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
