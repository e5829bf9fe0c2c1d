import type { Shape } from '@drover/api';
import { counted } from '../../ui/format.js';
import type { Verdict } from '../verdict.js';

export type Broadcast = Shape<'broadcastSummary'>;

/** The workers that a broadcast is for, in words. Pure. */
export function forWhom({ type, where, skipDraining }: Pick<Broadcast, 'type' | 'where' | 'skipDraining'>): string {
  const labels = Object.entries(where).map(([name, value]) => `${name}=${value}`);
  const which = labels.length === 0 ? `each worker that offers ${type}` : `each worker with ${labels.join(', ')}`;
  return skipDraining ? `${which}, unless it drains` : which;
}

/** How a broadcast stands: failures come before anything else. Pure. */
export function standingOf({ state, closed, counts }: Pick<Broadcast, 'state' | 'closed' | 'counts'>): Verdict {
  const text = `${reachedText(counts)} ${afterwards(state, closed)}`.trim();
  if (counts.failed > 0)
    return { word: state === 'finished' ? 'failed at some' : 'fails at some', tone: 'bad', text, rank: 0 };
  if (state === 'open') return { word: 'open', tone: 'info', text, rank: 1 };
  if (state === 'closed') return { word: 'closed', tone: 'info', text, rank: 2 };
  const isCancelled = closed?.why === 'cancelled';
  return { word: isCancelled ? 'cancelled' : 'finished', tone: isCancelled ? 'mute' : 'ok', text, rank: 3 };
}

function reachedText({ workers, waiting, succeeded, failed, cancelled }: Broadcast['counts']): string {
  if (workers === 0) return 'It has reached no worker.';
  const parts = [
    [succeeded, 'succeeded'],
    [failed, 'failed'],
    [cancelled, 'cancelled'],
    [waiting, waiting === 1 ? 'has not ended' : 'have not ended'],
  ] as const;
  const said = parts.flatMap(([count, word]) => (count === 0 ? [] : [`${count.toLocaleString('en')} ${word}`]));
  return `It has reached ${counted(workers, 'worker')}: ${said.join(', ')}.`;
}

function afterwards(state: Broadcast['state'], closed: Broadcast['closed']): string {
  if (state === 'open') return 'Workers that join get it, too.';
  switch (closed?.why) {
    case 'superseded':
      return 'A newer one of the same key took its place: nobody joins it any more.';
    case 'cancelled':
      return 'It was cancelled.';
    default:
      return 'Nobody joins it any more.';
  }
}
