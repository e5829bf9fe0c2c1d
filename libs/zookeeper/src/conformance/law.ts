import assert from 'node:assert/strict';
import { ZooKeeperError, type ErrorCode } from '../errors.js';
import type { Acl, Capabilities, SessionState, WatchEvent, ZooKeeper, ZooKeeperOptions } from '../port.js';

/** The world of a law: a ZooKeeper with an empty place of its own, real or simulated. */
export interface World {
  /**
   * Opens a handle at the world's place, or at `at` below it (`/a/b`); `options` replace defaults. It need not be
   * connected yet. The world closes it at the end.
   */
  open(options?: Partial<Omit<ZooKeeperOptions, 'connect' | 'runtime'>> & { at?: string }): Promise<ZooKeeper>;
  /** Breaks all connections of the handles, which may connect again at once. Sessions live on. */
  disconnect(): Promise<void>;
  /** Lets the server end the session of `zk`, as if it had not been heard for too long. */
  expire(zk: ZooKeeper): Promise<void>;
}

export interface Law {
  name: string;
  /** A driver that lacks one of these must refuse with `UNSUPPORTED` instead. */
  needs?: readonly (keyof Capabilities)[];
  holds(world: World, zk: ZooKeeper): Promise<void>;
}

/** Tries `law`; rejects with an `AssertionError`, or with the handle's error, when it does not hold. */
export async function tryLaw(law: Law, world: World): Promise<void> {
  const zk = await world.open();
  await zk.connected();
  const missing = law.needs?.find((capability) => !zk.capabilities[capability]);
  if (missing === undefined) await law.holds(world, zk);
  else await refuses(zk, missing);
}

const READ_ONLY: readonly Acl[] = [{ permissions: 1, scheme: 'world', id: 'anyone' }];

/** One call for each capability, which a driver without it must refuse. */
const PROBES: Partial<Record<keyof Capabilities, (zk: ZooKeeper) => Promise<unknown>[]>> = {
  multi: (zk) => [zk.multi([{ op: 'create', path: '/probe' }])],
  multiRead: (zk) => [zk.multiRead([{ op: 'get', path: '/' }])],
  addWatch: (zk) => [zk.watch('/', 'recursive', { event: () => undefined, reset: () => undefined })],
  ttl: (zk) => [zk.create('/probe', '', { mode: 'persistent-ttl', ttlMs: 1000 })],
  containers: (zk) => [zk.create('/probe', '', { mode: 'container' })],
  sync: (zk) => [zk.sync('/')],
  acl: (zk) => [zk.create('/probe', '', { acl: READ_ONLY }), zk.acl('/'), zk.setAcl('/', READ_ONLY)],
  introspection: (zk) => [zk.ephemerals('/'), zk.countDescendants('/'), zk.whoAmI()],
};

async function refuses(zk: ZooKeeper, missing: keyof Capabilities): Promise<void> {
  // A driver without `lease` must answer 0 or less; the lack of exact versions is only declared.
  if (missing === 'lease') {
    assert.ok(zk.leaseMs() <= 0, 'a driver without a lease must not claim one');
    return;
  }
  const probe = PROBES[missing];
  assert.ok(probe, `no probe for the capability ${missing}`);
  for (const refused of probe(zk)) {
    const error = await failure(refused, 'UNSUPPORTED');
    assert.equal(error.outcome, 'not-applied');
    assert.ok(error.message.includes(`'${zk.driver}'`), `the driver is not named: ${error.message}`);
    assert.ok(error.op !== '' && error.message.startsWith(error.op), `the operation is not named: ${error.message}`);
  }
  assert.deepEqual(await zk.children('/'), [], 'what is refused must leave nothing behind');
}

/** The `ZooKeeperError` with which `promise` fails; an assertion where it fails otherwise, or not at all. */
export async function failure(promise: Promise<unknown>, ...codes: ErrorCode[]): Promise<ZooKeeperError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    assert.ok(error instanceof ZooKeeperError, `expected a ZooKeeperError, got ${String(error)}`);
    assert.ok(codes.includes(error.code), `expected ${codes.join(' or ')}, got: ${error.message}`);
    return error;
  }
  throw new assert.AssertionError({ message: `expected ${codes.join(' or ')}, got a value`, actual: value });
}

/** The events that a watcher received, and a way to wait for more. */
export class Heard<T> {
  readonly all: T[] = [];
  #wake: (() => void)[] = [];

  readonly add = (value: T): void => {
    this.all.push(value);
    for (const wake of this.#wake.splice(0)) wake();
  };

  /** Resolves when `count` values have been heard. */
  async count(count: number): Promise<T[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#wake.push(resolve));
    return this.all;
  }

  /** Resolves when `wanted` was heard, now or before. */
  async some(wanted: (value: T) => boolean): Promise<void> {
    for (let seen = 0; !this.all.some(wanted); seen++) await this.count(seen + 1);
  }
}

/** Breaks all connections, and resolves when each of `handles` has noticed. */
export async function breakConnections(world: World, ...handles: ZooKeeper[]): Promise<void> {
  const noticed = handles.map((handle) => reaches(handle, 'suspended'));
  await world.disconnect();
  await Promise.all(noticed);
}

/** Resolves when the handle has taken `state`. */
export function reaches(zk: ZooKeeper, state: SessionState): Promise<void> {
  if (zk.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = zk.onState((now) => {
      if (now !== state) return;
      forget();
      resolve();
    });
  });
}

/**
 * After this, everything that happened before has been told to the watchers of `zk`: a server sends an event before
 * the answer to any read that comes later.
 */
export async function eventsOf(zk: ZooKeeper): Promise<void> {
  await zk.exists('/');
}

export const text = (data: Buffer): string => data.toString('utf8');

export const sorted = (names: readonly string[]): string[] => [...names].sort();

export const described = (events: readonly (WatchEvent | null)[]): (string | null)[] =>
  events.map((event) => event && `${event.type} ${event.path}`);
