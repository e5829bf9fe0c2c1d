import { InvalidArgumentError } from '../errors.js';
import { MOST_RESOURCES, parseAmount, parseResourceName, SLOTS, UNIT, type Amounts } from './amounts.js';
import { isDevice } from './parse-demand.js';

/** The resources of a worker, besides its slots. */
export interface Capacity {
  /** Of devices as many as there are names. */
  readonly amounts: Amounts;
  /** Names of devices by resource: `{ gpu: ['0', '1'] }`. */
  readonly devices: Readonly<Record<string, readonly string[]>>;
  /** Processors and memory are those of the machine, where `amounts` does not say otherwise. */
  readonly isAuto: boolean;
}

/** Of one resource. */
const MOST_DEVICES = 64;
const DEVICE_NAME = /^[\w.:/-]{1,64}$/;
const AUTO = 'auto';
const EXPECTED = "amounts such as cpu=8,memory=16GiB,gpu=2, names of devices such as gpu=0|1, or 'auto'";

/**
 * `cpu=8,memory=16GiB,gpu=2`; `gpu=0|1|4` names devices, `gpu=0|` one; `auto` stands for processors and memory of the
 * machine. Or an object: `{ cpu: 8, memory: '16GiB', gpu: ['0', '1'] }`, with `auto: true`. Devices without names are called
 * 0, 1, 2. Throws `InvalidArgumentError`.
 */
export function parseCapacity(argument: string, given: unknown): Capacity {
  const entries = entriesOf(argument, given);
  const named = entries.filter(([name]) => name !== AUTO);
  if (named.length > MOST_RESOURCES)
    throw new InvalidArgumentError(argument, `${named.length} resources`, `${MOST_RESOURCES} at most`);
  const amounts = new Map<string, number>();
  const devices = new Map<string, readonly string[]>();
  for (const [name, value] of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const resource = parseResourceName(argument, name);
    const at = `${argument}.${resource}`;
    if (resource === SLOTS) throw new InvalidArgumentError(at, value, 'the number of slots as --concurrency');
    if (amounts.has(resource)) throw new InvalidArgumentError(argument, given, `'${resource}' once`);
    const names = namesOf(at, value) ?? (isDevice(resource) ? countedNames(at, resource, value) : null);
    amounts.set(resource, names === null ? parseAmount(at, resource, value) : names.length * UNIT);
    if (names !== null && names.length > 0) devices.set(resource, names);
  }
  return Object.freeze({
    amounts: Object.freeze(Object.fromEntries(amounts)),
    devices: Object.freeze(Object.fromEntries(devices)),
    isAuto: named.length < entries.length,
  });
}

function entriesOf(argument: string, given: unknown): [string, unknown][] {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return Object.entries(given).filter(([name, value]) => name !== AUTO || isTrue(argument, value));
  if (typeof given !== 'string') throw new InvalidArgumentError(argument, given, EXPECTED);
  return given.split(',').map((part) => {
    const text = part.trim();
    const at = text.indexOf('=');
    if (text === AUTO) return [AUTO, true];
    if (at < 1) throw new InvalidArgumentError(argument, given, EXPECTED);
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  });
}

function isTrue(argument: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidArgumentError(`${argument}.${AUTO}`, value, 'true or false');
}

/** `null`: it is an amount. */
function namesOf(argument: string, value: unknown): readonly string[] | null {
  const isText = typeof value === 'string' && value.includes('|');
  if (!isText && !Array.isArray(value)) return null;
  const names: unknown[] = isText ? value.replace(/\|$/, '').split('|') : (value as unknown[]);
  const good = names.map((name) => (typeof name === 'string' || typeof name === 'number' ? String(name).trim() : ''));
  if (good.length === 0 || !good.every((name) => DEVICE_NAME.test(name)))
    throw new InvalidArgumentError(argument, value, 'names of devices such as 0|1|4: letters, digits and . _ : / -');
  if (new Set(good).size < good.length) throw new InvalidArgumentError(argument, value, 'each device once');
  if (good.length > MOST_DEVICES)
    throw new InvalidArgumentError(argument, `${good.length} devices`, `${MOST_DEVICES} at most`);
  return Object.freeze(good);
}

function countedNames(argument: string, resource: string, value: unknown): readonly string[] {
  const count = parseAmount(argument, resource, value) / UNIT;
  if (Number.isInteger(count) && count <= MOST_DEVICES)
    return Object.freeze(Array.from({ length: count }, (_, at) => String(at)));
  throw new InvalidArgumentError(argument, value, `whole devices, ${MOST_DEVICES} at most`);
}
