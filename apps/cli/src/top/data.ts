import type { Shape } from '@drover/api';
import type { ApiClient } from '../api/api-client.js';

/** The content of one frame. */
export interface TopData {
  overview: Shape<'overview'>;
  queues: readonly Shape<'queueWithLive'>[];
  workers: readonly Shape<'worker'>[];
  failures: readonly Shape<'failureGroup'>[];
}

const MOST_QUEUES = 200;
const MOST_WORKERS = 200;
const MOST_FAILURES = 10;

/** Four small requests, which the replica answers from its memory. */
export async function readTop(api: ApiClient): Promise<TopData> {
  const items = async <T>(route: string, limit: number): Promise<T[]> =>
    (await api.get<{ items: T[] }>(route, { query: { limit } })).items;
  const [overview, queues, workers, failures] = await Promise.all([
    api.get<TopData['overview']>('getOverview'),
    items<TopData['queues'][number]>('listQueues', MOST_QUEUES),
    items<TopData['workers'][number]>('listWorkers', MOST_WORKERS),
    items<TopData['failures'][number]>('groupFailures', MOST_FAILURES),
  ]);
  return { overview, queues, workers, failures };
}
