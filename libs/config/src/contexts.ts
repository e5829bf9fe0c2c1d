import { statSync } from 'node:fs';
import { homedir, platform } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { findDuplicateName, NAME_PATTERN, nearest } from '@drover/core';
import { messageOf } from '@drover/runtime';
import { apiClientFields } from './api-client.js';
import { ConfigError } from './errors.js';
import { NAME_EXPECTED, type Field } from './field.js';
import { connectionFields } from './fields.js';
import { resolveFields, type ContextSource } from './resolve.js';
import { readSettingsFile } from './settings-file.js';

/**
 * Contexts: the clusters that one person works with, by name, in one JSON document
 * (`{ current?, contexts: { prod: { api, tokenFile }, dev: { zk } } }`). A context holds settings by field name, and how the
 * command line guards the cluster. It never holds a secret as text.
 */
export interface Contexts {
  /** The context that is used where none is named. */
  readonly current?: string;
  readonly contexts: Readonly<Record<string, ContextSettings>>;
}
export type ContextSettings = Readonly<Record<string, unknown>>;

/** Settings that a context may have beside those of the connection. */
export const GUARDS = {
  /** `type-name`: whatever needs a confirmation wants the name of the context typed. */
  confirm: ['type-name'],
  /** Marks the questions that are asked. */
  colour: ['red', 'yellow', 'green', 'blue', 'magenta', 'cyan'],
} as const;
export type GuardName = keyof typeof GUARDS;

/** The settings of the connection that a context may have. */
export const CONTEXT_FIELDS: Readonly<Record<string, Field>> = { ...connectionFields, ...apiClientFields };
const PATHS = Object.keys(CONTEXT_FIELDS).filter((name) => name.endsWith('File'));
const KNOWN = [...Object.keys(CONTEXT_FIELDS), ...Object.keys(GUARDS)];
/** Names under which people may try to write a secret down. */
const SECRETS = /token|password|passphrase|secret|credential|bearer/i;

/** The file of contexts: `$XDG_CONFIG_HOME/drover/contexts.json`, else in `~/.config`; on Windows in `%APPDATA%`. */
export function contextsPath(env: Readonly<Record<string, string | undefined>>): string {
  const given = platform() === 'win32' ? env.APPDATA : env.XDG_CONFIG_HOME;
  const base = given !== undefined && isAbsolute(given) ? given : join(env.HOME ?? homedir(), '.config');
  return join(base, 'drover', 'contexts.json');
}

/** No file: no contexts. Throws `ConfigError`. */
export function readContexts(path: string): Contexts {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return { contexts: {} };
  const text = readSettingsFile(path, path);
  const contexts = parseContexts(text, path);
  refuseReadable(path, contexts);
  return contexts;
}

/** Reads the document. Throws `ConfigError` that names `path`. Pure. */
export function parseContexts(text: string, path: string): Contexts {
  const refuse = (why: string): ConfigError => new ConfigError([`${path}: ${why}`]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`not JSON: ${messageOf(cause)}`);
  }
  if (!isObject(value) || !isObject(value.contexts))
    throw refuse('expected {"current":"NAME","contexts":{"NAME":{"zk" or "api":...}}}');
  const twice = findDuplicateName(text, value);
  if (twice !== null) throw refuse(`'${twice}' is given more than once; keep one of them`);
  const { current, contexts, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refuse(`unknown field '${unknown}'; expected current and contexts`);
  for (const [name, settings] of Object.entries(contexts)) {
    if (!NAME_PATTERN.test(name)) throw refuse(`context '${name}': expected ${NAME_EXPECTED}`);
    if (!isObject(settings)) throw refuse(`context '${name}': expected an object of settings`);
    checkContext(settings, `${path}: context '${name}'`);
  }
  if (current !== undefined && (typeof current !== 'string' || !Object.hasOwn(contexts, current)))
    throw refuse(`current: there is no context ${JSON.stringify(current)}`);
  return value as unknown as Contexts;
}

/** Throws `ConfigError` whose lines begin with `where`. */
export function checkContext(settings: ContextSettings, where: string): void {
  for (const [name, value] of Object.entries(settings)) {
    if (isGuard(name)) {
      const choices: readonly unknown[] = GUARDS[name];
      if (!choices.includes(value))
        throw new ConfigError([
          `${where}: ${name}: expected one of ${choices.join(', ')}, got ${JSON.stringify(value)}`,
        ]);
    } else if (!Object.hasOwn(CONTEXT_FIELDS, name)) throw new ConfigError([`${where}: ${whyUnknown(name)}`]);
  }
  const fields = Object.fromEntries(Object.entries(settings).filter(([name]) => !isGuard(name)));
  try {
    resolveFields(CONTEXT_FIELDS, { context: { name: '', settings: fields } });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map((problem) => problem.replace(/^context : /, `${where}: `)));
  }
  if (settings.tokenFile !== undefined && settings.tokenCommand !== undefined)
    throw new ConfigError([`${where}: tokenFile and tokenCommand exclude each other; keep one of them`]);
}

const isGuard = (name: string): name is GuardName => Object.hasOwn(GUARDS, name);

function whyUnknown(name: string): string {
  if (SECRETS.test(name))
    return (
      `'${name}' looks like a secret, which does not belong into this file: write it into a file that only you can read, ` +
      'and name that with tokenFile, or name a command that prints it with tokenCommand'
    );
  const near = nearest(name, KNOWN);
  return `unknown setting '${name}'${near === null ? '' : `; did you mean '${near}'?`}`;
}

/** The context of that name, or the current one; `null`: none is named and none is current. Throws `ConfigError`. */
export function chooseContext(
  { current, contexts }: Contexts,
  named: string | undefined,
  source: string,
  path: string,
): ChosenContext | null {
  const name = named ?? current;
  if (name === undefined) return null;
  const settings = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (settings === undefined) {
    const names = Object.keys(contexts);
    const near = nearest(name, names);
    const there =
      names.length === 0 ? `${path} has none; 'drover context set' makes one` : `there are ${names.join(', ')}`;
    throw new ConfigError([
      `${source}: no context named '${name}'; ${near === null ? there : `did you mean '${near}'?`}`,
    ]);
  }
  const fields = Object.entries(settings).flatMap(([field, value]): [string, unknown][] =>
    isGuard(field) ? [] : [[field, PATHS.includes(field) ? absolute(String(value), dirname(path)) : value]],
  );
  return {
    name,
    settings: Object.fromEntries(fields),
    confirm: settings.confirm as ChosenContext['confirm'],
    colour: settings.colour as ChosenContext['colour'],
  };
}

export interface ChosenContext extends ContextSource {
  readonly confirm?: (typeof GUARDS.confirm)[number] | undefined;
  readonly colour?: (typeof GUARDS.colour)[number] | undefined;
}

/** `~/` is the home of the user; other paths count from the folder of the file. */
function absolute(path: string, folder: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

/** Others who may write the file could let its owner run a command; those who may read it learn where the token is. */
function refuseReadable(path: string, { contexts }: Contexts): void {
  const others = othersMay(path);
  const named = Object.entries(contexts).find(([, { tokenFile, tokenCommand }]) => tokenFile ?? tokenCommand);
  if (named === undefined || others === null) return;
  throw new ConfigError([
    `${path}: others may ${others} it, and context '${named[0]}' names a token; keep it to yourself: chmod 600 ${path}`,
  ]);
}

/** Whether others than the owner may read or write a file of secrets; `null`: neither, or the system does not tell. */
export function othersMay(path: string): 'read' | 'write' | null {
  if (platform() === 'win32') return null;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o022) !== 0) return 'write';
  return (mode & 0o044) === 0 ? null : 'read';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
