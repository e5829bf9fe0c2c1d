import { connect } from 'node:tls';
import type { Facts } from '../facts.js';

const PATIENCE_MS = 3_000;

/** When the certificate of a TLS listener ends; none where it does not answer. It is not trusted, only read. Never rejects. */
export function askCertificate(what: string, host: string, port: number): Promise<Facts['certificates']> {
  return new Promise((resolve) => {
    const bare = host.replace(/^\[|\]$/g, '');
    const socket = connect({ host: bare, port, rejectUnauthorized: false, timeout: PATIENCE_MS }, () => {
      const { valid_to: end } = socket.getPeerCertificate();
      const validTo = Date.parse(end);
      socket.destroy();
      resolve(Number.isNaN(validTo) ? [] : [{ what, validTo }]);
    });
    socket.on('error', () => resolve([]));
    socket.on('timeout', () => {
      socket.destroy();
      resolve([]);
    });
  });
}
