import { textArg, flagArg, type Environment } from '../command.js';
import { UsageError } from '../failure.js';

type Shape = (document: unknown) => string;

/** Names of the field that tells documents apart, the first that a document has. */
const ID_FIELDS = ['id', 'task', 'name', 'worker', 'queue', 'error'];
const PATH = /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/;

/**
 * How documents are printed where `--fields`, `--quiet` or `--jsonl` say so; `null`: as they are. Throws `UsageError`.
 */
export function shapeOf(args: Environment['args']): Shape | null {
  const fields = textArg(args, 'fields');
  const isQuiet = flagArg(args, 'quiet');
  if (isQuiet && (fields !== undefined || flagArg(args, 'json') || flagArg(args, 'jsonl')))
    throw new UsageError('--quiet prints ids, and excludes --json, --jsonl and --fields');
  if (isQuiet) return idOf;
  if (fields !== undefined) {
    const paths = pathsOf(fields);
    return (document) => JSON.stringify(pick(document, paths));
  }
  return flagArg(args, 'jsonl') ? (document) => JSON.stringify(document) : null;
}

function pathsOf(fields: string): string[][] {
  return fields.split(',').map((field) => {
    const path = field.trim();
    if (!PATH.test(path)) throw new UsageError(`--fields: expected names such as id,state,error.name, got '${field}'`);
    return path.split('.');
  });
}

/** The fields of a document, in the order in which they were asked for; those that it lacks are left out. Pure. */
export function pick(document: unknown, paths: readonly (readonly string[])[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const path of paths) {
    const value = path.reduce<unknown>(
      (at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined),
      document,
    );
    if (value === undefined) continue;
    let into = picked;
    for (const name of path.slice(0, -1)) into = (into[name] ??= {}) as Record<string, unknown>;
    into[path.at(-1) ?? ''] = value;
  }
  return picked;
}

function idOf(document: unknown): string {
  if (!isObject(document)) return JSON.stringify(document);
  const name = ID_FIELDS.find((field) => typeof document[field] === 'string');
  // Without the quotes: control characters stay escaped.
  return JSON.stringify(name === undefined ? document : document[name]).replace(/^"|"$/g, '');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
