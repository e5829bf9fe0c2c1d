import type { Group } from '../model.js';
import {
  DEFAULT_QUEUE_SETTINGS,
  withSlots,
  type Amounts,
  type Apart,
  type Preference,
  type Spread,
  type Sticky,
  type Where,
} from '@drover/core';

import type { Scope } from './spreads.js';

/** The options of a task that say where it may run and what it needs there; part of its work class. */
interface OwnPlacement {
  readonly resources: Amounts | null;
  readonly where: Where | null;
  readonly prefer: readonly Preference[] | null;
  readonly spread: Spread | null;
  readonly apart: Apart | null;
  readonly near: readonly string[] | null;
  readonly nearWaitMs: number;
  readonly sticky: Sticky | null;
  readonly preemptible: boolean;
  readonly placementTimeoutMs: number | null;
  readonly speculative: boolean;
}

/** The settings of a queue that hold for all of its tasks, from the moment in which they are set. */
export interface QueuePlacement {
  readonly queue: string;
  readonly account: string;
  readonly pool: string | null;
  readonly resources: Amounts | null;
  readonly where: Where | null;
  readonly preemptible: boolean;
}

/** Its tasks say it, or else their queue does. */
export interface ClassPlacement extends Omit<OwnPlacement, 'resources' | 'where'> {
  /** The needs of one task; `slots` included. */
  readonly demand: Amounts;
  readonly where: Where;
  readonly pool: string | null;
  readonly account: string;
  /** Exact text of the own options and of the queue's name, if that has settings: the part of the key of the class. */
  readonly key: string;
  readonly own: OwnPlacement | null;
  /** Its queue says what its tasks need, and they do not. */
  readonly isQueued: boolean;
  /** Of tasks that are spread. */
  readonly scope: Scope | null;
  /** Exact text of what ties its tasks to other tasks or to places; null: nothing does. */
  readonly companions: string | null;
}

const NOTHING: OwnPlacement = Object.freeze({
  resources: null,
  where: null,
  prefer: null,
  spread: null,
  apart: null,
  near: null,
  nearWaitMs: 3000,
  sticky: null,
  preemptible: false,
  placementTimeoutMs: null,
  speculative: false,
});

/** Null: the tasks of the group say nothing of it. */
export function ownPlacement(group: Group): OwnPlacement | null {
  const { resources, where, prefer, spread, apart, near, sticky, preemptible, placementTimeoutMs, speculative } = group;
  const says =
    resources !== null ||
    where !== null ||
    prefer !== null ||
    spread !== null ||
    apart !== null ||
    near !== null ||
    sticky !== null ||
    preemptible ||
    placementTimeoutMs !== null ||
    speculative;
  if (!says) return null;
  const { nearWaitMs } = group;
  return {
    resources,
    where,
    prefer,
    spread,
    apart,
    near,
    nearWaitMs,
    sticky,
    preemptible,
    placementTimeoutMs,
    speculative,
  };
}

/** Null: nothing is said of it, by the tasks or by their queue. */
export function placementOf(
  own: OwnPlacement | null,
  queue: QueuePlacement | null,
  scope: Scope | null,
): ClassPlacement | null {
  if (own === null && queue === null) return null;
  const { resources, where, ...rest } = own ?? NOTHING;
  const demand = withSlots(resources ?? queue?.resources ?? null);
  const { spread, apart, near, sticky } = rest;
  const isSpread = spread !== null || apart !== null;
  const key = JSON.stringify([own === null ? null : canonical(own), queue?.queue ?? null, isSpread ? scope : null]);
  return {
    ...rest,
    demand,
    where: where ?? queue?.where ?? [],
    pool: queue?.pool ?? null,
    account: queue?.account ?? DEFAULT_QUEUE_SETTINGS.account,
    preemptible: rest.preemptible || queue?.preemptible === true,
    key,
    own,
    isQueued: resources === null && queue !== null && queue.resources !== null,
    scope: isSpread ? scope : null,
    companions: spread === null && apart === null && near === null && sticky === null ? null : key,
  };
}

/** The tasks with which those of the batch are spread. */
export function scopeOf(own: OwnPlacement | null, queue: string, batch: string): Scope | null {
  if (own === null || (own.spread === null && own.apart === null)) return null;
  const isOfBatch = [own.spread, own.apart].some((option) => option?.over === 'batch');
  return { queue, batch: isOfBatch ? batch : null };
}

/** Amounts by name, so that equal ones have equal texts. */
const canonical = ({ resources, ...rest }: OwnPlacement): unknown => [
  resources === null ? null : sortedAmounts(resources),
  rest,
];

export const sortedAmounts = (amounts: Amounts): [string, number][] =>
  Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
