import type { Acl, Operation, ZooKeeper } from '@drover/zookeeper';

/**
 * A handle that gives every znode which it creates the ACL of the root, alone or in a multi, so that its users need not
 * know of ACLs. A create that names an ACL keeps it.
 */
export interface OwnedHandle extends ZooKeeper {
  /** `undefined`: the world may do anything. */
  rootAcl: readonly Acl[] | undefined;
}

/** Passes the answer of a request on, and notes how long it took. */
export type RequestTimer = <T>(op: 'read' | 'write', answer: Promise<T>) => Promise<T>;

/** Requests that are timed, beside those that are this handle's own. */
const TIMED = {
  get: 'read',
  exists: 'read',
  children: 'read',
  multiRead: 'read',
  set: 'write',
  delete: 'write',
} as const satisfies Partial<Record<keyof ZooKeeper, 'read' | 'write'>>;
const opOf = (name: PropertyKey): 'read' | 'write' | null =>
  Object.hasOwn(TIMED, name) ? TIMED[name as keyof typeof TIMED] : null;

/** All but creating goes to `zk` as it is. `timed`: null: nobody wants to know how long requests take. */
export function ownedHandle(zk: ZooKeeper, timed: RequestTimer | null = null): OwnedHandle {
  const passed: RequestTimer = timed ?? ((_, answer) => answer);
  const own: Pick<OwnedHandle, 'rootAcl' | 'create' | 'multi'> = {
    rootAcl: undefined,
    create: (path, data, options) =>
      passed('write', zk.create(path, data, own.rootAcl === undefined ? options : { acl: own.rootAcl, ...options })),
    multi: (operations) =>
      passed('write', zk.multi(own.rootAcl === undefined ? operations : withAcl(operations, own.rootAcl))),
  };
  // Methods are bound once: this is called for every request.
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(zk, {
    get: (target, name) => {
      if (name in own) return own[name as keyof typeof own];
      const known = bound.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const plain = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
      const op = timed === null ? null : opOf(name);
      const method = op === null ? plain : (...given: unknown[]) => timed?.(op, plain(...given));
      bound.set(name, method);
      return method;
    },
    set: (_, name, value) => Reflect.set(own, name, value),
  }) as OwnedHandle;
}

function withAcl(operations: readonly Operation[], acl: readonly Acl[]): Operation[] {
  return operations.map((operation) => (operation.op === 'create' ? { acl, ...operation } : operation));
}
