import { go } from '../../app/router.js';
import { PLACES } from '../../app/screens.js';
import { openHelp } from '../../app/overlays.js';
import { livePaused, pauseLive } from '../../data/live.js';
import { useQuery } from '../../data/query.js';
import { right } from '../../data/rights.js';
import { density, theme, zone } from '../../data/settings.js';
import type { Worker } from '../../data/types.js';
import { openBulk } from '../../ui/bulk.js';
import { askPause, askResume } from '../queues/queue-actions.js';
import type { QueueDoc } from '../shapes.js';
import { askDrain, askUndrain } from '../workers/worker-actions.js';
import { batchIdIn, taskIdIn, type Entry } from './matches.js';

/** Everything that the palette offers. It leaves out actions that the caller may not do; the screens show them, locked. */
export function useEntries(typed: string): Entry[] {
  const queues = useQuery('/v1/queues', { limit: 500 });
  const workers = useQuery('/v1/workers', { limit: 500 });
  const schedules = useQuery('/v1/schedules', { limit: 500 });
  const limits = useQuery('/v1/limits', { limit: 500 });
  return [
    ...tasksIn(typed),
    ...PLACES.flat().map(({ to, name, key }) => place('Screen', name, to, key === undefined ? undefined : `g ${key}`)),
    ...((queues.data?.items ?? []) as QueueDoc[]).flatMap(ofQueue),
    ...(workers.data?.items ?? []).flatMap(ofWorker),
    ...(schedules.data?.items ?? []).map(({ name }) =>
      place('Schedule', name, `/schedules/${encodeURIComponent(name)}`),
    ),
    ...(limits.data?.items ?? []).map(({ name }) => place('Limit', name, `/limits/${encodeURIComponent(name)}`)),
    ...settings(),
  ];
}

function place(kind: string, label: string, to: string, hint?: string): Entry {
  return { id: `${kind} ${label}`, kind, label, ...(hint === undefined ? {} : { hint }), run: () => go(to) };
}
const action = (label: string, run: () => void): Entry => ({ id: `Action ${label}`, kind: 'Action', label, run });

/** An id that was typed or pasted is the first thing that is meant. */
function tasksIn(typed: string): Entry[] {
  const task = taskIdIn(typed);
  if (task !== null) return [{ ...place('Task', typed.trim(), `/tasks/${task}`), id: `Task ${task}` }];
  const batch = batchIdIn(typed);
  return batch === null
    ? []
    : [{ ...place('Batch', typed.trim(), `/tasks?q=${encodeURIComponent(`batch:${batch}`)}`), id: `Batch ${batch}` }];
}

function ofQueue(queue: QueueDoc): Entry[] {
  const { name, paused } = queue;
  const entries = [place('Queue', name, `/queues/${encodeURIComponent(name)}`, paused ? 'paused' : undefined)];
  if (right('operate', 'pause').allowed)
    entries.push(
      paused
        ? action(`Resume queue ${name}`, () => askResume(queue))
        : action(`Pause queue ${name}`, () => askPause(queue)),
    );
  if (right('operate', 'bulk').allowed)
    entries.push(
      action(`Retry failed tasks of queue ${name}`, () =>
        openBulk({ action: 'retry', filter: `state:failed queue:${name}` }),
      ),
    );
  return entries;
}

function ofWorker(worker: Worker): Entry[] {
  const { name, state } = worker;
  const entries = [
    place('Worker', name, `/workers/${encodeURIComponent(name)}`, state === 'draining' ? 'draining' : undefined),
  ];
  if (right('operate', 'drain').allowed)
    entries.push(
      state === 'draining'
        ? action(`Undrain worker ${name}`, () => askUndrain(worker))
        : action(`Drain worker ${name}`, () => askDrain(worker)),
    );
  return entries;
}

function settings(): Entry[] {
  return [
    place('Screen', 'Dead letters', '/failures?tab=dead'),
    place('Screen', 'Failed tasks', `/tasks?q=${encodeURIComponent('state:failed')}`),
    place('Screen', 'Running tasks', `/tasks?q=${encodeURIComponent('state:running,assigned')}`),
    action(livePaused.value ? 'Follow again' : 'Pause live updates', () => pauseLive(!livePaused.peek())),
    ...(['light', 'dark', 'system'] as const).map((name) => action(`Theme: ${name}`, () => void (theme.value = name))),
    action(
      zone.value === 'utc' ? 'Times in the local zone' : 'Times in UTC',
      () => void (zone.value = zone.peek() === 'utc' ? 'local' : 'utc'),
    ),
    action(
      density.value === 'compact' ? 'Comfortable rows' : 'Compact rows',
      () => void (density.value = density.peek() === 'compact' ? 'comfortable' : 'compact'),
    ),
    action('Keys', openHelp),
  ];
}
