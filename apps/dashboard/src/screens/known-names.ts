import { useQuery } from '../data/query.js';
import type { KnownNames } from '../ui/complete.decide.js';

/** Names of queues, types and workers, for completions. */
export function useKnownNames(): KnownNames {
  const queues = useQuery('/v1/queues', { limit: 100 });
  const workers = useQuery('/v1/workers', { limit: 100 });
  const offered = (workers.data?.items ?? []).flatMap(({ types }) => types);
  const unserved = (queues.data?.items ?? []).flatMap(({ live }) => live?.unservedTypes ?? []);
  return {
    queue: (queues.data?.items ?? []).map(({ name }) => name),
    type: [...new Set([...offered, ...unserved])].sort(),
    worker: (workers.data?.items ?? []).map(({ name }) => name),
  };
}
