import type { Acl, Operation, ZooKeeper } from '@drover/zookeeper';

/**
 * A handle that gives every znode which it creates the ACL of the root, alone or in a multi, so that its users need not
 * know of ACLs. A create that names an ACL keeps it.
 */
export interface OwnedHandle extends ZooKeeper {
  /** `undefined`: the world may do anything. */
  rootAcl: readonly Acl[] | undefined;
}

/** All but creating goes to `zk` as it is. */
export function ownedHandle(zk: ZooKeeper): OwnedHandle {
  const own: Pick<OwnedHandle, 'rootAcl' | 'create' | 'multi'> = {
    rootAcl: undefined,
    create: (path, data, options) =>
      zk.create(path, data, own.rootAcl === undefined ? options : { acl: own.rootAcl, ...options }),
    multi: (operations) => zk.multi(own.rootAcl === undefined ? operations : withAcl(operations, own.rootAcl)),
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
      const method: unknown = value.bind(target);
      bound.set(name, method);
      return method;
    },
    set: (_, name, value) => Reflect.set(own, name, value),
  }) as OwnedHandle;
}

function withAcl(operations: readonly Operation[], acl: readonly Acl[]): Operation[] {
  return operations.map((operation) => (operation.op === 'create' ? { acl, ...operation } : operation));
}
