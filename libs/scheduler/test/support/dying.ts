import { connectZooKeeper, type ZooKeeper, type ZooKeeperOptions } from '@drover/zookeeper';

/**
 * Connects as others do; when the transaction was applied that is the `n`th to write below one of `roots`, `dies` is called,
 * and its caller never hears of it.
 */
export function dyingAfter(
  n: number,
  roots: readonly string[],
  dies: () => Promise<void>,
): (options: ZooKeeperOptions) => ZooKeeper {
  let written = 0;
  return (options) => {
    const zk = connectZooKeeper(options);
    const multi: ZooKeeper['multi'] = async (operations) => {
      const counts = operations.some(({ op, path }) => op !== 'check' && roots.some((root) => path.startsWith(root)));
      const result = await zk.multi(operations);
      if (!counts || ++written !== n) return result;
      await dies();
      return new Promise<never>(() => undefined);
    };
    return new Proxy(zk, {
      get(target, name) {
        if (name === 'multi') return multi;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
}
