import { isIP } from 'node:net';
import type { Listen } from '@drover/config';

/** Whether only processes of this machine can reach it. */
export function isLoopback({ host }: Listen): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
