import { createSecureContext } from 'node:tls';
import { ConfigError } from './errors.js';
import { readSettingsFile } from './settings-file.js';

/** Paths of PEM files. */
export interface ApiTls {
  certFile: string;
  keyFile: string;
  /** Authorities of the certificates that callers show; `null`: none is asked for. */
  clientCaFile: string | null;
}

/** Reads the files, each time anew. Throws `ConfigError` where they are none, or do not belong together. */
export function readApiTls({ certFile, keyFile, clientCaFile }: ApiTls): { cert: string; key: string; ca?: string } {
  const read = {
    cert: readSettingsFile(certFile, '--api-tls-cert-file'),
    key: readSettingsFile(keyFile, '--api-tls-key-file'),
    ...(clientCaFile === null ? {} : { ca: readSettingsFile(clientCaFile, '--api-tls-client-ca-file') }),
  };
  try {
    createSecureContext(read);
  } catch (error) {
    // The message of OpenSSL names the fault, and nothing of the key.
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`the certificate of the API cannot be used (${certFile}, ${keyFile}): ${why}`]);
  }
  return read;
}
