import type { SecureContextOptions } from 'node:tls';
import { readApiTls, type AccessConfig } from '@drover/config';
import type { Log } from '@drover/observability';
import { messageOf, type Runtime, type Timer } from '@drover/runtime';
import { watchFiles } from './keys/watched-file.js';

type ApiTls = NonNullable<AccessConfig['tls']>;

/** HTTP/2, and HTTP/1.1 for those who speak no other, with TLS. */
export interface TlsServerOptions {
  readonly http2: true;
  readonly https: SecureContextOptions & {
    readonly allowHTTP1: true;
    readonly minVersion: 'TLSv1.2';
    /** A certificate of the caller is asked for; who has none may still sign in in another way. */
    readonly requestCert: boolean;
    readonly rejectUnauthorized: false;
  };
}

/** Options of fastify's server. Reads the files. Throws `ConfigError`. */
export function createTls(tls: ApiTls): { options: TlsServerOptions } {
  const fixed = { allowHTTP1: true, minVersion: 'TLSv1.2', rejectUnauthorized: false } as const;
  const https = { ...readApiTls(tls), ...fixed, requestCert: tls.clientCaFile !== null };
  return { options: { http2: true, https } };
}

/**
 * Gives the server the new certificate when the files change; connections that are open keep theirs. Files that do not
 * belong together, as in the middle of a change, are left alone until they do. Returns the timer.
 */
export function followTls(
  tls: ApiTls,
  server: { setSecureContext(options: SecureContextOptions): void },
  { runtime, log }: { runtime: Runtime; log: Log },
): Timer {
  const { certFile, keyFile, clientCaFile } = tls;
  return watchFiles([certFile, keyFile, ...(clientCaFile === null ? [] : [clientCaFile])], runtime, () => {
    try {
      server.setSecureContext({ ...readApiTls(tls), minVersion: 'TLSv1.2' });
      log.event('api.certificate-changed', { file: certFile });
    } catch (error) {
      log.event('api.file-refused', { file: certFile, reason: messageOf(error) });
    }
  });
}
