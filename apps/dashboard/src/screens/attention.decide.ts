import type { Attention } from '../data/types.js';

interface Cure {
  to: string;
  name: string;
}

/** The place where something that needs attention is mended; null: it is not in these pages. */
export function cureOf(item: Attention): Cure | null {
  const named = (field: string): string | null => {
    const value = item[field];
    return typeof value === 'string' ? value : null;
  };
  const queue = named('queue');
  const type = named('type');
  const toQueue: Cure =
    queue === null
      ? { to: '/queues', name: 'See queues' }
      : { to: `/queues/${encodeURIComponent(queue)}`, name: 'See the queue' };
  switch (item.code) {
    case 'type-unserved':
      return tasks(type === null ? 'state:pending' : `state:pending type:${quoted(type)}`, 'See its tasks');
    case 'oldest-wait':
      return queue === null ? tasks('state:pending', 'See what waits') : toQueue;
    case 'queue-paused':
    case 'queue-at-limit':
    case 'queue-full':
    case 'intake-closed':
      return toQueue;
    case 'failing':
      return { to: '/failures', name: 'See failures' };
    case 'worker-lost':
    case 'worker-silent':
      return { to: '/workers', name: 'See workers' };
    case 'fires-held':
      return { to: '/schedules', name: 'See schedules' };
    case 'limit-undeclared':
      return { to: '/limits', name: 'See limits' };
    case 'records-invalid':
      return { to: '/events', name: 'See events' };
    case 'no-leader':
    case 'leader-reading':
    case 'leader-flapping':
    case 'versions-mixed':
    case 'zookeeper-slow':
    case 'acl-open':
      return { to: '/cluster', name: 'See the cluster' };
    default:
      return null;
  }
}

const tasks = (filter: string, name: string): Cure => ({ to: `/tasks?q=${encodeURIComponent(filter)}`, name });

/** A value of a filter as it has to be written. */
export const quoted = (value: string): string =>
  /[\s,"*]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
