/**
 * The environment that a separate cluster gives to its processes: nothing that leads to another ZooKeeper, its
 * credentials or its TLS (`DROVER_ZK...`, and a settings file, which may hold the same). Other settings of the
 * environment hold. Pure.
 */
export function isolated(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^DROVER_(ZK(_.*)?|CONFIG)$/.test(name)));
}
