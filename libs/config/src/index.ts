export { ConfigError } from './errors.js';
export type { Field } from './field.js';
export { clientFields, connectionFields, processFields, schedulerFields, workerFields } from './fields.js';
export { envName, flagName, givenFlags } from './resolve.js';
export type { Sources } from './resolve.js';
export { resolveClientConfig, resolveSchedulerConfig, resolveWorkerConfig } from './processes.js';
export type { ClientConfig, SchedulerConfig, WorkerConfig } from './processes.js';
