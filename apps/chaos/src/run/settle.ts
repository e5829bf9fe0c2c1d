import type { MemberProcess } from '../members/member-process.js';
import type { Observer } from '../observer/observer.js';
import { pause } from './pause.js';

/** The longest that a client may need for what it still waits for: attempts that are lost, retried, delayed. */
const CLIENTS_MS = 90_000;
const BASELINE_MS = 30_000;
const LOOK_MS = 500;

/** Everything that was cut, paused or killed is whole and runs. */
export async function healAll(members: readonly MemberProcess[], heal: () => Promise<void>): Promise<void> {
  await heal();
  for (const member of members) {
    await member.home.heal();
    if (member.pid === undefined) await member.start();
    else await member.stop('SIGCONT');
  }
}

/** Clients submit no more and read every result. Answers the names of those that were not told everything in time. */
export async function finishClients(clients: readonly MemberProcess[], signal: AbortSignal): Promise<string[]> {
  const waiting = new Set(clients);
  const ends = clients.map(async (client) => {
    await client.stop('SIGTERM');
    waiting.delete(client);
  });
  const stop = new AbortController();
  const limit = pause(CLIENTS_MS, AbortSignal.any([signal, stop.signal]));
  await Promise.race([Promise.all(ends), limit]);
  stop.abort();
  const late = [...waiting];
  await Promise.all(late.map((client) => client.kill()));
  return late.map(({ name }) => name);
}

/** Waits until retention has removed everything. Answers the number of znodes then, or the last one when time is up. */
export async function untilBaseline(
  observer: Observer,
  baseline: number,
  retainMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  let znodes: number | null = null;
  for (let waitedMs = 0; waitedMs < retainMs + BASELINE_MS && !signal.aborted; waitedMs += LOOK_MS) {
    znodes = await observer.size();
    if (znodes === baseline) break;
    await pause(LOOK_MS, signal);
  }
  return znodes;
}
