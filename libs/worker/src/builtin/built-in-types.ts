import { INSTANT, type BuiltIn } from './built-in.js';
import { computeHandlers } from './compute.js';
import { fileChecksum, fileStat } from './file.js';
import { http } from './http.js';
import { Shell } from './shell.js';
import { sleep } from './sleep.js';

/** Those that wait. Each worker has its own: some hold processes. */
export const waitingBuiltIns = (): readonly BuiltIn[] => [sleep, new Shell(), http, fileStat, fileChecksum];

/** What every worker offers, whatever its handlers module holds; sorted. */
export const BUILT_IN_TYPES: readonly string[] = [
  ...INSTANT.keys(),
  ...waitingBuiltIns().map(({ type }) => type),
  ...computeHandlers.keys(),
].sort();
