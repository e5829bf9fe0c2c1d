import type { ComponentType } from 'preact';
import type { IconName } from '../ui/icon.js';
import { matchPath, type Params } from './pattern.js';

export interface ScreenProps {
  params: Params;
}
type Screen = ComponentType<ScreenProps>;

/** A screen by its address; its code is loaded when it is looked at. */
interface ScreenEntry {
  path: string;
  load: () => Promise<{ default: Screen }>;
}

export const SCREENS: readonly ScreenEntry[] = [
  { path: '/tasks', load: () => import('../screens/tasks.js') },
  { path: '/tasks/:id', load: () => import('../screens/task.js') },
  { path: '/failures', load: () => import('../screens/failures/failures.js') },
  { path: '/queues', load: () => import('../screens/queues/queues.js') },
  { path: '/queues/:name', load: () => import('../screens/queues/queue.js') },
  { path: '/workers', load: () => import('../screens/workers/workers.js') },
  { path: '/workers/:name', load: () => import('../screens/workers/worker.js') },
  { path: '/flows', load: () => import('../screens/flows/flows.js') },
  { path: '/flows/:run', load: () => import('../screens/flows/run.js') },
  { path: '/broadcasts', load: () => import('../screens/broadcasts/broadcasts.js') },
  { path: '/broadcasts/:id', load: () => import('../screens/broadcasts/broadcast.js') },
  { path: '/schedules', load: () => import('../screens/schedules/schedules.js') },
  { path: '/schedules/:name', load: () => import('../screens/schedules/schedule.js') },
  { path: '/limits', load: () => import('../screens/limits/limits.js') },
  { path: '/limits/:name', load: () => import('../screens/limits/limit.js') },
  { path: '/capacity', load: () => import('../screens/capacity/capacity.js') },
  { path: '/submit', load: () => import('../screens/submit/submit.js') },
  { path: '/cluster', load: () => import('../screens/cluster/cluster.js') },
  { path: '/events', load: () => import('../screens/events/events.js') },
  { path: '/audit', load: () => import('../screens/audit/audit.js') },
  { path: '/api', load: () => import('../screens/api/api.js') },
  { path: '/settings', load: () => import('../screens/settings/settings.js') },
];

/** The places of the navigation, in groups. `key`: pressed after `g`. */
export const PLACES: readonly (readonly { to: string; name: string; icon: IconName; key?: string }[])[] = [
  [
    { to: '/', name: 'Overview', icon: 'overview', key: 'o' },
    { to: '/tasks', name: 'Tasks', icon: 'tasks', key: 't' },
    { to: '/failures', name: 'Failures', icon: 'failures', key: 'f' },
    { to: '/queues', name: 'Queues', icon: 'queues', key: 'q' },
    { to: '/workers', name: 'Workers', icon: 'workers', key: 'w' },
    { to: '/capacity', name: 'Capacity', icon: 'capacity', key: 'p' },
  ],
  [
    { to: '/flows', name: 'Flows', icon: 'flows', key: 'r' },
    { to: '/broadcasts', name: 'Broadcasts', icon: 'broadcasts', key: 'b' },
    { to: '/schedules', name: 'Schedules', icon: 'schedules', key: 's' },
    { to: '/limits', name: 'Limits', icon: 'limits', key: 'l' },
    { to: '/submit', name: 'Submit', icon: 'submit', key: 'n' },
  ],
  [
    { to: '/cluster', name: 'Cluster', icon: 'cluster', key: 'c' },
    { to: '/events', name: 'Events', icon: 'events', key: 'e' },
    { to: '/audit', name: 'Audit', icon: 'audit', key: 'a' },
    { to: '/api', name: 'API', icon: 'code' },
    { to: '/settings', name: 'Settings', icon: 'settings' },
  ],
];

/** The screen of an address other than the overview's; null: there is none. */
export function screenAt(path: string): { entry: ScreenEntry; params: Params } | null {
  for (const entry of SCREENS) {
    const params = matchPath(entry.path, path);
    if (params !== null) return { entry, params };
  }
  return null;
}
