export { installPackage } from './apt.js';
export { JavaNotFoundError, PortTakenError, ZooKeeperNotFoundError, ZooKeeperStartError } from './errors.js';
export { askFourLetterWord, type Endpoint } from './four-letter-word.js';
export { findFreePorts } from './free-port.js';
export { spawnGuarded, type GuardedProcess } from './guarded-process.js';
export type { ZooKeeperInstallation } from './installation.js';
export { obtainToolchain, type Toolchain } from './obtain.js';
export { ensembleServer, type CommonOptions, type EnsembleServerOptions } from './make-server.js';
export { provideZooKeeper, type ProvidedZooKeeper, type ProvideOptions } from './provide.js';
export type { ZooKeeperServer } from './server-process.js';
export { SHORT_LIVED_JVM, type EnsembleMember, type TlsSettings } from './server-settings.js';
export {
  startEnsemble,
  startZooKeeper,
  type StartEnsembleOptions,
  type StartZooKeeperOptions,
  type ZooKeeperEnsemble,
} from './start.js';
