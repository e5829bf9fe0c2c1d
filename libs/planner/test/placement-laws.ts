import { isDevice, satisfies, withSlots, type Amounts } from '@drover/core';
import type { AssignmentFact, Group, WorkerFact } from '../src/model.js';
import { check, groupAt, type WorldAssignment, type WorldBatch } from './account.js';

/** The needs of each task of an assignment; null: it claims nothing. */
export function demandOf({ width, use }: AssignmentFact, { resources }: Group): Amounts | null {
  return width === undefined ? null : (use ?? withSlots(resources));
}

export const capacityOf = (
  { capacity, resources = {}, overcommit = {} }: WorkerFact,
  ofPool: Readonly<Record<string, number>> = {},
): Record<string, number> => ({
  ...Object.fromEntries(
    Object.entries(resources).map(([name, amount]) => [
      name,
      Math.floor(amount * (overcommit[name] ?? ofPool[name] ?? 1)),
    ]),
  ),
  slots: capacity * 1000,
});

export const labelsOf = ({ id, name = id, host = '', pool = 'default', labels = {} }: WorkerFact) => ({
  ...labels,
  name,
  host,
  pool,
});

/**
 * The laws of resources, from the assignments alone: claims are no more than what a worker has, conditions hold, no
 * device is held twice.
 */
export class PlacementLaws {
  readonly #batches: ReadonlyMap<string, WorldBatch>;
  /** Of pools. */
  readonly overcommit = new Map<string, Readonly<Record<string, number>>>();
  readonly #assignments: ReadonlyMap<string, WorldAssignment>;

  constructor(batches: ReadonlyMap<string, WorldBatch>, assignments: ReadonlyMap<string, WorldAssignment>) {
    this.#batches = batches;
    this.#assignments = assignments;
  }

  /** The claims on each resource of the worker. */
  claims(worker: string): Map<string, number> {
    const claims = new Map<string, number>();
    for (const { fact, open } of this.#assignments.values()) {
      const demand = fact.worker === worker ? demandOf(fact, this.#groupOf(fact)) : null;
      if (demand === null) continue;
      const places = Math.min(fact.width ?? 0, open.size);
      for (const [name, amount] of Object.entries(demand)) claims.set(name, (claims.get(name) ?? 0) + amount * places);
    }
    return claims;
  }

  /** It was handed out, to the worker as the planner was told of it. */
  assigned(fact: AssignmentFact, worker: WorkerFact): void {
    const group = this.#groupOf(fact);
    const demand = demandOf(fact, group);
    if (demand === null) {
      check(group.resources === null && group.where === null, `hands ${fact.id} out without a claim`);
      return;
    }
    check(worker.pressed !== true, `gives work to ${worker.id}, which is pressed`);
    if (group.where !== null)
      check(
        satisfies(group.where, labelsOf(worker)),
        `gives ${fact.id} to ${worker.id}, which does not meet its conditions`,
      );
    const claims = this.claims(worker.id);
    const capacity = capacityOf(worker, this.overcommit.get(worker.pool ?? 'default'));
    for (const [name, amount] of Object.entries(demand))
      check(
        amount === 0 || (claims.get(name) ?? 0) <= (capacity[name] ?? 0),
        `claims too much ${name} of ${worker.id}`,
      );
    this.#checkDevices(worker, fact, demand);
  }

  #checkDevices(worker: WorkerFact, fact: AssignmentFact, demand: Amounts): void {
    for (const [name, amount] of Object.entries(demand)) {
      if (!isDevice(name) || amount === 0) continue;
      const names = fact.devices?.[name] ?? [];
      const wanted = (fact.width ?? 0) * Math.max(1, amount / 1000);
      check(names.length === wanted, `names ${names.length} of ${name} for ${fact.id}, not ${wanted}`);
      for (const device of names)
        check(worker.devices?.[name]?.includes(device) === true, `names ${device}, which ${worker.id} does not have`);
    }
    const held = new Map<string, number>();
    for (const { fact: other } of this.#assignments.values()) {
      if (other.worker !== worker.id) continue;
      const needs = demandOf(other, this.#groupOf(other)) ?? {};
      for (const [name, names] of Object.entries(other.devices ?? {}))
        for (const device of names) {
          const at = `${name} ${device}`;
          held.set(at, (held.get(at) ?? 0) + Math.min(1000, needs[name] ?? 0));
          const isNew = fact.devices?.[name]?.includes(device) === true;
          check(!isNew || (held.get(at) ?? 0) <= 1000, `gives ${device} of ${name} twice`);
        }
    }
  }

  #groupOf({ batch, tasks }: AssignmentFact): Group {
    const found = this.#batches.get(batch);
    if (found === undefined) throw new Error(`no batch ${batch}`);
    return groupAt(found.fact, tasks[0]?.[0] ?? 0);
  }
}
