import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { contextsPath, readContexts, type Contexts } from '@drover/config';
import { nearest } from '@drover/core';
import type { Environment } from '../command.js';
import { UsageError } from '../failure.js';

export interface Stored extends Contexts {
  path: string;
}

/** Throws `ConfigError`. */
export function loadContexts({ env }: Pick<Environment, 'env'>): Stored {
  const path = contextsPath(env);
  return { ...readContexts(path), path };
}

/** Whole, or not at all: a reader never sees a part of the file. Only the user may read it. */
export function saveContexts({ path, current, contexts }: Stored): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const document = { ...(current === undefined ? {} : { current }), contexts };
  const made = `${path}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  renameSync(made, path);
}

/** Throws `UsageError` where there is no such context. */
export function mustHave({ contexts, path }: Stored, name: string): void {
  if (Object.hasOwn(contexts, name)) return;
  const names = Object.keys(contexts);
  const near = nearest(name, names);
  const there = names.length === 0 ? `${path} has none` : `there are ${names.join(', ')}`;
  throw new UsageError(`no context named '${name}'; ${near === null ? there : `did you mean '${near}'?`}`);
}
