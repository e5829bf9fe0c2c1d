import { ROUTES } from '@drover/api';

import { BEAT_WITHIN_MS } from '../port.js';
import { openApiOf } from '../server/openapi.js';
import { mustSeeAll } from './asked.js';
import type { Answer, Handlers } from './handler.js';
import { mergedMetrics } from './merged-metrics.js';

export const probeHandlers: Handlers = {
  livez: async ({ query }, { port }) => {
    const silentMs = Math.round(port.silentMs());
    const ok = silentMs <= BEAT_WITHIN_MS;
    const why = ok ? 'ok' : `the scheduler's event loop has not turned for ${silentMs} ms`;
    return probe(ok, why, query, { silentMs });
  },
  readyz: async ({ query }, { port, leader, schedulerId, stopping }) => {
    const isLeader = leader.current?.id === schedulerId;
    const { ready, why } = port.health ?? { ready: false, why: 'starting' };
    if (stopping.aborted) return probe(false, 'stopping', query, { isLeader });
    if (ready && isSet(query.leader) && !isLeader) return probe(false, 'it does not lead', query, { isLeader });
    return probe(ready, why, query, { isLeader });
  },
  startupz: async ({ query }, { port }) => {
    const hasConnected = port.health?.hasConnected ?? false;
    return probe(hasConnected, hasConnected ? 'ok' : 'it has not been connected to ZooKeeper yet', query, {
      hasConnected,
    });
  },
  metrics: async ({ caller }, context) => {
    mustSeeAll(caller, 'what the metrics count');
    const { ask, apiMetrics, waits } = context;
    context.metrics.set('drover_api_streams', {}, waits.streams);
    context.metrics.set('drover_api_waits', {}, waits.waits);
    const [scheduler, own] = await Promise.all([ask('metrics', null), apiMetrics.text()]);
    return {
      status: 200,
      text: mergedMetrics(scheduler, own),
      headers: { 'content-type': apiMetrics.contentType },
    };
  },
  openapi: async (_asked, { version, data }) => ({
    status: 200,
    text: JSON.stringify(openApiOf(ROUTES, version, data.api.basePath)),
    headers: { 'cache-control': 'no-cache' },
  }),
};

const isSet = (given: unknown): boolean => given !== undefined && given !== '0' && given !== 'false';

/** `ok`, or why not; `?verbose`: the same as JSON with what it follows from. */
function probe(ok: boolean, why: string, query: Readonly<Record<string, unknown>>, more: object): Answer {
  const text = isSet(query.verbose) ? JSON.stringify({ ok, why, ...more }) : why;
  return { status: ok ? 200 : 503, text: `${text}\n` };
}
