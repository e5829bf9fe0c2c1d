export { Changes, Told } from './changes.js';
export { ManualRuntime } from './manual-runtime.js';
export type { ManualRuntimeOptions } from './manual-runtime.js';
export { checkMetrics } from './promtool.js';
export { ByteProxy, type ProxyTarget } from './proxy/byte-proxy.js';
export { FaultProxy } from './proxy/fault-proxy.js';
export type { FrameFilter, FrameRule } from './proxy/fault-proxy.js';
export type { BlackHole, Verdict } from './proxy/faults.js';
export { OP_CODES, withError } from './proxy/proxy-frame.js';
export type { OpName, ProxyFrame, SessionCredentials } from './proxy/proxy-frame.js';
export { PlainSession } from './zookeeper/plain-session.js';
export { makeIdentity, testSecureServer } from './zookeeper/secure-server.js';
export type { IdentityFiles, SecureServer } from './zookeeper/secure-server.js';
export { sharedZooKeeper } from './zookeeper/shared-server.js';
export {
  testEnsemble,
  testFolder,
  testProxy,
  testServer,
  testZooKeeper,
  testZooKeeperBehindProxy,
} from './zookeeper/test-zookeeper.js';
export type { Teardown, TestServerOptions, TestZooKeeper } from './zookeeper/test-zookeeper.js';
