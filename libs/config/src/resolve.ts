import * as z from 'zod';
import { findDuplicateName, nearest } from '@drover/core';
import { messageOf } from '@drover/runtime';
import { ConfigError } from './errors.js';
import type { Field } from './field.js';
import { ALL_FIELDS } from './fields.js';
import { readSettingsFile } from './settings-file.js';

/** The sources of settings, the strongest first. */
export interface Sources {
  /** The flags by field name (`sessionTimeout`); `undefined`: not given. */
  flags?: Readonly<Record<string, unknown>>;
  /** Default: none. A process passes its `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Path of a JSON file with an object of settings by field name; default: the path in `DROVER_CONFIG`. */
  file?: string;
  /** The context that was chosen, the weakest source. Default: none. */
  context?: ContextSource | undefined;
}

/** Settings by field name, and the name of the context for messages. */
export interface ContextSource {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The kinds of sources, the strongest first. */
export const SOURCE_KINDS = ['flag', 'environment', 'file', 'context'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

export const flagName = (field: string): string =>
  `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
export const envName = (field: string): string =>
  `DROVER_${field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

export type Fields = Readonly<Record<string, Field>>;
export type Values<Table extends Fields> = { [Name in keyof Table]?: z.output<Table[Name]['schema']> };

/** A value as given, with the name under which the user knows it. */
interface Given {
  value: unknown;
  source: string;
  kind: SourceKind;
}

export interface Resolved<Table extends Fields> {
  values: Values<Table>;
  /** The name under which the user set a field, in the source that won; else the flag. */
  nameOf: (field: keyof Table & string) => string;
  /** The kind of that source; `null`: the field was not given. */
  kindOf: (field: keyof Table & string) => SourceKind | null;
}

/**
 * Reads every field of `table` from the strongest source that has it. Throws `ConfigError` that lists all that is
 * wrong.
 */
export function resolveFields<Table extends Fields>(table: Table, sources: Sources): Resolved<Table> {
  const given = gather(table, sources);
  const shape = Object.fromEntries(Object.entries(table).map(([name, field]) => [name, field.schema.optional()]));
  const present = Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
  const parsed = z.object(shape).partial().safeParse(present);
  if (parsed.success) {
    return {
      values: parsed.data as Values<Table>,
      nameOf: (field) => given.get(field)?.source ?? flagName(field),
      kindOf: (field) => given.get(field)?.kind ?? null,
    };
  }
  const wrong = new Map(parsed.error.issues.map((issue) => [String(issue.path[0]), toldBy(issue)]));
  throw new ConfigError([...wrong].map(([name, message]) => problem(given.get(name), table[name], message)));
}

/**
 * All settings of `table` that were given, from every source, as flags for processes that this one starts, so that they
 * connect as it does. Not checked; throws `ConfigError` for a settings file that is none.
 */
export function givenFlags(table: Fields, sources: Sources): Record<string, unknown> {
  return Object.fromEntries([...gather(table, sources)].map(([name, { value }]) => [name, value]));
}

function toldBy(issue: object): string {
  const params = 'params' in issue ? (issue.params as { told?: string }) : {};
  return params.told ?? '';
}

/** `message`: what the reader of the field says itself; empty: nothing. */
function problem(given: Given | undefined, field: Field | undefined, message: string): string {
  if (message !== '') return `${given?.source ?? ''}: ${message}`;
  return `${given?.source ?? ''}: expected ${field?.expected ?? ''}, got ${show(given?.value)}`;
}

function gather(table: Fields, sources: Sources): Map<string, Given> {
  const env = sources.env ?? {};
  const path = sources.file ?? env.DROVER_CONFIG;
  const file = path === undefined ? {} : readSettings(path);
  const { name: contextName = '', settings: context = {} } = sources.context ?? {};
  const given = new Map<string, Given>();
  for (const name of Object.keys(table)) {
    const flag = sources.flags?.[name];
    const variable = env[envName(name)];
    if (flag !== undefined) given.set(name, { value: flag, source: flagName(name), kind: 'flag' });
    // An empty variable is how a compose file says "not set".
    else if (variable !== undefined && variable !== '')
      given.set(name, { value: variable, source: envName(name), kind: 'environment' });
    else if (file[name] !== undefined) given.set(name, { value: file[name], source: `${path}: ${name}`, kind: 'file' });
    else if (context[name] !== undefined)
      given.set(name, { value: context[name], source: `context ${contextName}: ${name}`, kind: 'context' });
  }
  return given;
}

function readSettings(path: string): Record<string, unknown> {
  const { text, value: settings } = parseJsonFile(path);
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new ConfigError([`${path}: expected a JSON object of settings, got ${show(settings)}`]);
  const twice = findDuplicateName(text, settings);
  if (twice !== null)
    throw new ConfigError([`${path}: the setting '${twice}' is given more than once; keep one of them`]);
  const known = Object.keys(ALL_FIELDS);
  const unknown = Object.keys(settings).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new ConfigError(unknown.map((name) => unknownSetting(path, name, known)));
  return settings as Record<string, unknown>;
}

function unknownSetting(path: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `${path}: unknown setting '${name}'${near === null ? '' : `; did you mean '${near}'?`}`;
}

function parseJsonFile(path: string): { text: string; value: unknown } {
  const text = readSettingsFile(path, path);
  try {
    return { text, value: JSON.parse(text) };
  } catch (cause) {
    throw new ConfigError([`${path}: not JSON: ${messageOf(cause)}`]);
  }
}

function show(value: unknown): string {
  const shown = textOf(value);
  return shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'what is nested too deeply';
  }
}

/** Frozen, with all that it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
