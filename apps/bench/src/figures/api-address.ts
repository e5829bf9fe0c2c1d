import { setTimeout as delay } from 'node:timers/promises';
import type { Observer } from './observer.js';

/** Flags of a scheduler with an API. Its log would have a line for each change that is asked for. */
export const WITH_API = { apiListen: '127.0.0.1:0', logLevel: 'silent' };

/** The address of the leader's API; the leader says so once it listens. */
export async function apiAddress({ zk }: Observer): Promise<string> {
  for (;;) {
    const { api: url } = JSON.parse((await zk.get('/leader')).data.toString()) as { api?: string };
    if (url !== undefined) return url;
    await delay(20);
  }
}
