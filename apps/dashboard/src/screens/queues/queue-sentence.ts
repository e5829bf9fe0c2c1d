import type { QueueDoc } from '../shapes.js';
import type { Verdict } from '../verdict.js';

/** Tasks that wait less are on their way: the leader counts workers of pending tasks now and then. */
const SOON_MS = 3_000;

/** The first thing to say of a queue: whether its tasks run, and if not, why. Pure. */
export function verdictOf(queue: QueueDoc): Verdict {
  const { live, pending, out } = queue;
  const waits = pending === 1 ? '1 task waits' : `${grouped(pending)} tasks wait`;
  if (queue.paused)
    return {
      word: 'paused',
      tone: 'warn',
      text: `${pausedBy(queue)} ${pending === 0 ? 'Nothing waits.' : `${waits}.`}`,
      rank: 1,
    };
  const unserved = live?.unservedTypes ?? [];
  if (unserved.length > 0) return { word: 'unserved', tone: 'bad', text: unservedText(unserved), rank: 0 };
  if (queue.full === true)
    return {
      word: 'full',
      tone: 'warn',
      text: `It has as many unfinished tasks as it may (${grouped(queue.maxPending ?? 0)}): submits are refused.`,
      rank: 2,
    };
  if (queue.maxRunning !== null && out >= queue.maxRunning && pending > 0)
    return {
      word: 'at its limit',
      tone: 'info',
      text: `${grouped(out)} of at most ${grouped(queue.maxRunning)} tasks are out; ${waits} for a place.`,
      rank: 3,
    };
  if (live !== undefined && out === 0 && live.servedBy === 0 && (live.oldestPendingMs ?? 0) > SOON_MS)
    return { word: 'nobody serves it', tone: 'bad', text: `${waits}, and no worker is there to take them.`, rank: 0 };
  if (pending > 0) return { word: 'working', tone: 'ok', text: `${waits}; ${grouped(out)} are out.`, rank: 4 };
  if (out > 0) return { word: 'working', tone: 'ok', text: `Nothing waits; ${grouped(out)} are out.`, rank: 5 };
  return { word: 'empty', tone: 'mute', text: 'Nothing waits, nothing runs.', rank: 6 };
}

function pausedBy({ pausedBy: change }: QueueDoc): string {
  const who = change?.by === undefined ? 'Somebody paused it' : `${change.by} paused it`;
  return change?.reason === undefined ? `${who}, without a reason.` : `${who}: ${change.reason}.`;
}

function unservedText(types: readonly string[]): string {
  const [these, them] = types.length === 1 ? ['this type', 'it'] : ['these types', 'them'];
  return `No worker offers ${listed(types)}: tasks of ${these} wait. Start a worker with a handler for ${them}.`;
}

const grouped = (n: number): string => n.toLocaleString('en');

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(' and ');
}

/** Those that need somebody come first, then those whose tasks have waited longest. */
export function byNeed(queues: readonly QueueDoc[]): { queue: QueueDoc; verdict: Verdict }[] {
  return queues
    .map((queue) => ({ queue, verdict: verdictOf(queue) }))
    .sort(
      (a, b) =>
        a.verdict.rank - b.verdict.rank ||
        (b.queue.live?.oldestPendingMs ?? -1) - (a.queue.live?.oldestPendingMs ?? -1) ||
        b.queue.pending - a.queue.pending ||
        a.queue.name.localeCompare(b.queue.name),
    );
}
