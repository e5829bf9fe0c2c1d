import type { Limits, LimitSummary, LimitView } from '@drover/client';
import { parseDuration, splitLimitRef } from '@drover/core';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './errors.js';

const PAGE = 500;

/** `drover.limits` by the API. */
export function apiLimits(api: ApiClient): Limits {
  const all = (): Promise<(LimitSummary | LimitView)[]> => api.all('listLimits', { query: { limit: PAGE } });
  return {
    list: async () =>
      (await all()).map(({ name, revision, spec, changedBy, holds }) => ({ name, revision, spec, changedBy, holds })),
    usage: async () => (await all()).map(inUse),
    get: (name) => api.get('getLimit', { params: { name } }),
    set: (name, spec, { ifRevision, reason } = {}) =>
      api.get('putLimit', {
        params: { name },
        body: {
          spec,
          ...(ifRevision === undefined ? {} : { ifRevision }),
          ...(reason === undefined ? {} : { reason }),
        },
      }),
    remove: async (name, { force, ifRevision, reason } = {}) => {
      await api.call('deleteLimit', {
        params: { name },
        query: { force: force === true ? 1 : undefined, ifRevision, reason },
      });
    },
    hold: async (limit, duration, { reason } = {}) => {
      const { name, key } = splitLimitRef(limit);
      await api.call('holdLimit', {
        params: { name },
        body: {
          ...(key === null ? {} : { key }),
          for: `${parseDuration('duration', duration)}ms`,
          ...(reason === undefined ? {} : { reason }),
        },
      });
    },
  };
}

/** Without a leader the API tells only the definitions. */
function inUse(limit: LimitSummary | LimitView): LimitView {
  if ('out' in limit) return limit;
  throw new ApiRefusedError(503, {
    code: 'no-leader',
    detail: 'nobody leads, so nobody knows what is out and what waits',
  });
}
