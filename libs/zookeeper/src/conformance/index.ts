/**
 * The duties of every implementation of the port, as laws that any test runner can run: one suite for the three drivers
 * on a real ZooKeeper and for a simulated one.
 */
import { accessLaws } from './access.js';
import type { Law } from './law.js';
import { namespaceLaws } from './namespaces.js';
import { oneShotWatchLaws } from './one-shot-watches.js';
import { argumentLaws } from './arguments.js';
import { persistentWatchLaws } from './persistent-watches.js';
import { sessionLaws } from './sessions.js';
import { transactionLaws } from './transactions.js';
import { versionLaws } from './versions.js';
import { znodeLaws } from './znodes.js';

export { tryLaw } from './law.js';
export type { Law, World } from './law.js';

/** The laws by group, as they are reported. */
export const laws: Readonly<Record<string, readonly Law[]>> = {
  znodes: znodeLaws,
  versions: versionLaws,
  transactions: transactionLaws,
  'one-shot watches': oneShotWatchLaws,
  'persistent watches': persistentWatchLaws,
  access: accessLaws,
  namespaces: namespaceLaws,
  arguments: argumentLaws,
  sessions: sessionLaws,
};
