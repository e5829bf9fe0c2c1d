export { ConfigError } from './errors.js';
export type { Field } from './field.js';
export {
  apiFields,
  clientFields,
  connectionFields,
  opsFields,
  processFields,
  schedulerFields,
  workerFields,
} from './fields.js';
export { envName, flagName, givenFlags } from './resolve.js';
export type { Sources } from './resolve.js';
export { apiClientFields } from './api-client.js';
export type { Via } from './api-client.js';
export {
  checkContext,
  chooseContext,
  CONTEXT_FIELDS,
  contextsPath,
  GUARDS,
  othersMay,
  parseContexts,
  readContexts,
} from './contexts.js';
export type { ChosenContext, Contexts, ContextSettings } from './contexts.js';
export { effectiveSettings, resolveRoute } from './route.js';
export type { EffectiveSetting, RouteConfig } from './route.js';
export { resolveClientConfig, resolveSchedulerConfig, resolveWorkerConfig } from './processes.js';
export type { ClientConfig, SchedulerConfig, WorkerConfig } from './processes.js';
export { isLoopbackHost, parseListen } from './listen.js';
export type { Listen } from './listen.js';
export { readApiTls } from './api-tls.js';
export { readTokensFile } from './tokens-file.js';
export type { FileToken } from './tokens-file.js';
export { accessFields, toAccessConfig } from './access.js';
export type { AccessConfig, OidcConfig, RoleMap } from './access.js';
export type { OpsConfig } from './ops.js';
export { attemptFields, otlpFields, samplingFields } from './tracing.js';
export type { TracingConfig } from './tracing.js';
export type { ApiConfig } from './api.js';
export { tlsFrom } from './connection.js';
export type { ConnectionConfig, TlsConfig, TlsFiles } from './connection.js';
