import { API_DEFAULT_LISTEN } from '@drover/core';
import { toAccessConfig, type AccessConfig } from './access.js';
import type { apiFields } from './fields.js';
import { parseListen, type Listen } from './listen.js';
import type { Resolved } from './resolve.js';

/** The settings of the HTTP API of a scheduler. Plain data: it is handed to a thread. */
export interface ApiConfig {
  listen: Listen;
  /** The address was not given: where it is in use any free port is taken. */
  anyPort: boolean;
  /** URL that others are told, without a slash at its end; `null`: the address it listens at. */
  advertise: string | null;
  /** `/drover`, or empty: the path below which a reverse proxy shows it. */
  basePath: string;
  /** Exact origins whose pages may call it. */
  corsOrigins: readonly string[];
  /** URL of the log of a run in the team's log system, with `{task}` and others in it; `null`: none. */
  logUrlTemplate: string | null;
  /** URL of a trace in the team's tool for traces, with `{trace}` in it; `null`: none. */
  traceUrlTemplate: string | null;
  /** Rules of who may use it. */
  access: AccessConfig;
}

/** `null`: nothing is served. Throws `ConfigError`. */
export function toApiConfig(resolved: Resolved<typeof apiFields>): ApiConfig | null {
  const { values } = resolved;
  const { apiListen } = values;
  if (apiListen === 'off') return null;
  const listen = apiListen ?? parseListen(API_DEFAULT_LISTEN) ?? { host: '127.0.0.1', port: 0 };
  return {
    listen,
    anyPort: apiListen === undefined,
    advertise: values.apiAdvertise?.replace(/\/+$/, '') ?? null,
    basePath: (values.apiBasePath ?? '').replace(/\/+$/, ''),
    corsOrigins: values.apiCorsOrigin ?? [],
    logUrlTemplate: values.logUrlTemplate ?? null,
    traceUrlTemplate: values.traceUrlTemplate ?? null,
    access: toAccessConfig(resolved, listen),
  };
}
