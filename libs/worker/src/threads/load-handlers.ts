import type { PayloadSchema, Run } from '@drover/core';
import { toHooks, type HandlerHooks } from '../intercept/handler-hooks.js';
import { toHandler } from './handler-options.js';
import type { HandlerDescription } from './messages.js';
import { explainTypeScript, isTypeScript, prepareForTypeScript } from './typescript.js';

export interface LoadedHandler {
  description: HandlerDescription;
  run: Run<unknown, unknown>;
  /** Checks the payload before `run` sees it; `null`: any payload. */
  schema: PayloadSchema | null;
  /** The interceptors of its module; `null`: none. */
  hooks: HandlerHooks | null;
}

/**
 * Imports a handlers module. Throws what the import throws, or a `TypeError` that names the entry of the default export
 * that is not a handler.
 */
export async function loadHandlers(module: string): Promise<Map<string, LoadedHandler>> {
  const namespace = await importModule(module);
  return withInterceptors(toHandlers(defaultOf(namespace)), interceptorsOf(namespace));
}

/** Throws as `toHooks` does. */
export function withInterceptors(
  handlers: Map<string, LoadedHandler>,
  interceptors: unknown,
): Map<string, LoadedHandler> {
  const hooks = toHooks(interceptors);
  return hooks === null ? handlers : new Map([...handlers].map(([type, handler]) => [type, hooked(handler, hooks)]));
}

function hooked(handler: LoadedHandler, hooks: HandlerHooks): LoadedHandler {
  return { ...handler, hooks, run: hooks.wrap(handler.description.type, handler.run) };
}

/** Every entry of a default export. Throws a `TypeError` that names the entry that is not a handler. */
export function toHandlers(table: unknown): Map<string, LoadedHandler> {
  if (typeof table !== 'object' || table === null || Array.isArray(table))
    throw new TypeError('the default export is not an object that maps task types to handlers');
  const entries = Object.entries(table);
  if (entries.length === 0) throw new TypeError('the default export is an empty object, expected handlers');
  return new Map(entries.map(([type, entry]) => [type, toHandler(type, entry)]));
}

type Namespace = Readonly<Record<string, unknown>>;

/**
 * A CommonJS module that a compiler made of `export default` has it one level deeper: its `module.exports` is the default
 * here, is marked with `__esModule`, and holds the `default` of the source.
 */
function defaultOf(namespace: Namespace): unknown {
  const table = namespace.default;
  if (table === undefined) throw new TypeError(noDefault(namespace));
  return isTranspiled(table) ? table.default : table;
}

/** A named export, which a transpiled module has one level deeper, too. */
function interceptorsOf({ interceptors, default: table }: Namespace): unknown {
  return interceptors ?? (isTranspiled(table) ? table.interceptors : undefined);
}

const isTranspiled = (table: unknown): table is Namespace & { default: unknown } =>
  typeof table === 'object' && table !== null && '__esModule' in table && 'default' in table;

function noDefault(namespace: Namespace): string {
  const exported = Object.keys(namespace).filter((name) => name !== 'module.exports' && name !== '__esModule');
  const instead = exported.length === 0 ? 'exports nothing' : `exports ${exported.slice(0, 10).join(', ')}`;
  return (
    `the default export is not an object that maps task types to handlers: the module ${instead}; ` +
    'write `export default defineHandlers({ ... })`'
  );
}

async function importModule(module: string): Promise<Namespace> {
  if (!isTypeScript(module)) return (await import(module)) as Namespace;
  await prepareForTypeScript(module);
  try {
    return (await import(module)) as Namespace;
  } catch (error) {
    throw explainTypeScript(error);
  }
}
