import { silentMetrics, type Metrics } from '@drover/observability';
import { INSTANT, type BuiltIn } from './built-in.js';
import { computeHandlers } from './compute.js';
import { fileChecksum, fileStat } from './file.js';
import type { HttpPolicyOptions } from './http/address-policy.js';
import { Http } from './http/http.js';
import { Shell } from './shell/shell.js';
import { sleep } from './sleep.js';

/** Built-in types that act on the worker's machine or network, by the name that asks for them. */
export const BUILT_IN_GROUPS = ['shell', 'http', 'file'] as const;
export type BuiltInGroup = (typeof BUILT_IN_GROUPS)[number];

export interface BuiltInOptions {
  http?: HttpPolicyOptions;
  metrics?: Metrics;
}

/** Those that wait. Each worker has its own: some hold processes and connections. */
export function waitingBuiltIns(
  groups: readonly BuiltInGroup[],
  { http = {}, metrics = silentMetrics }: BuiltInOptions = {},
): readonly BuiltIn[] {
  const isOffered = (group: BuiltInGroup): boolean => groups.includes(group);
  return [
    sleep,
    ...(isOffered('shell') ? [new Shell()] : []),
    ...(isOffered('http') ? [new Http(http, metrics)] : []),
    ...(isOffered('file') ? [fileStat, fileChecksum] : []),
  ];
}

/** Every built-in type, also those that are offered only on request; sorted. */
export const BUILT_IN_TYPES: readonly string[] = [
  ...INSTANT.keys(),
  ...waitingBuiltIns(BUILT_IN_GROUPS).map(({ type }) => type),
  ...computeHandlers.keys(),
].sort();

/** The risks of a worker that offers `groups`, one line each. */
export function risksOf(
  groups: readonly BuiltInGroup[],
  { policy = 'public' }: HttpPolicyOptions,
): { builtin: BuiltInGroup; risk: string }[] {
  return groups.map((builtin) => ({ builtin, risk: builtin === 'http' ? HTTP_RISKS[policy] : RISKS[builtin] }));
}

const WHOEVER = 'anybody who can write to this root in ZooKeeper';
const RISKS = {
  shell: `${WHOEVER} runs any program here, with the rights of this worker`,
  file: `${WHOEVER} reads size, times and checksum of any file that this worker can read`,
};
const HTTP_RISKS = {
  public: `${WHOEVER} sends requests to public addresses from here`,
  private: `${WHOEVER} sends requests to public and private addresses from here`,
  off: `${WHOEVER} sends requests to any address from here, this machine included`,
};
