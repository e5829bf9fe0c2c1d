import { InvalidArgumentError, type Capacity, type Labels, type Overcommit } from '@drover/core';
import type { WorkerRecord } from '@drover/protocol';
import type { Machine } from './machine/machine.js';
import type { Devices, Resources, Stock } from './run/resources.js';

/** A worker declares this, and may declare it otherwise while it runs. */
export interface Declaration {
  labels: Labels;
  resources: Capacity;
  overcommit: Overcommit;
}

/** Labels that handlers may set, besides those that the worker was started with. */
const MOST_OWN_LABELS = 64;

/** The worker's word on itself, over all its incarnations: from its settings, its machine and its handlers. */
export class Declared {
  readonly #machine: Machine;
  readonly #resources: Resources;
  #given: Declaration;
  readonly #own = new Map<string, string>();

  /** Throws `InvalidArgumentError`. */
  constructor(given: Declaration, machine: Machine, resources: Resources) {
    assertDeclared(given);
    this.#given = given;
    this.#machine = machine;
    this.#resources = resources;
    resources.declare(this.#stock());
  }

  get labels(): Labels {
    return this.#own.size === 0 ? this.#given.labels : { ...this.#given.labels, ...Object.fromEntries(this.#own) };
  }

  /** A handler sets a label, or takes back what handlers have set. False: there are too many. */
  setLabel(name: string, value: string | null): boolean {
    if (value === null) this.#own.delete(name);
    else if (!this.#own.has(name) && this.#own.size >= MOST_OWN_LABELS) return false;
    else this.#own.set(name, value);
    return true;
  }

  /** Throws `InvalidArgumentError`; then nothing has changed. */
  declare(given: Declaration): void {
    assertDeclared(given);
    this.#given = given;
  }

  /** Looks what there is now. Devices that are gone; `null`: nothing is otherwise than before. */
  refresh(): Devices | null {
    const before = this.#resources.capacity;
    const now = this.#stock();
    if (JSON.stringify(before) === JSON.stringify(now)) return null;
    this.#resources.declare(now);
    return Object.fromEntries(
      Object.entries(before.devices).map(([name, names]) => [
        name,
        names.filter((device) => now.devices[name]?.includes(device) !== true),
      ]),
    );
  }

  /** For the record: nothing of what is not declared. */
  describe(): Pick<WorkerRecord, 'labels' | 'resources' | 'devices' | 'overcommit'> {
    const { amounts, devices, overcommit } = this.#resources.capacity;
    return {
      labels: { ...this.labels },
      ...(isEmpty(amounts) ? {} : { resources: amounts }),
      ...(isEmpty(devices) ? {} : { devices: mutable(devices) }),
      ...(isEmpty(overcommit) ? {} : { overcommit }),
    };
  }

  #stock(): Stock {
    const { resources, overcommit } = this.#given;
    const { amounts, devices, isAuto } = resources;
    return { amounts: isAuto ? { ...this.#machine.capacity(), ...amounts } : amounts, devices, overcommit };
  }
}

function assertDeclared({ resources, overcommit }: Declaration): void {
  const { amounts, isAuto } = resources;
  const there = isAuto ? ['cpu', 'memory', ...Object.keys(amounts)] : Object.keys(amounts);
  const odd = Object.keys(overcommit).find((name) => !there.includes(name));
  if (odd !== undefined)
    throw new InvalidArgumentError(
      'overcommit',
      odd,
      `resources that the worker declares: ${there.join(', ') || 'none'}`,
    );
}

const isEmpty = (of: object): boolean => Object.keys(of).length === 0;

const mutable = (devices: Devices): Record<string, string[]> =>
  Object.fromEntries(Object.entries(devices).map(([name, names]) => [name, [...names]]));
