import type { Tokens } from '@drover/client';
import type { ApiClient } from './api-client.js';

/** Tokens by the API: the server knows who makes them, so `by` is not sent. */
export function apiTokens(api: ApiClient): Tokens {
  const list = (): ReturnType<Tokens['list']> => api.all('listTokens');
  return {
    create: ({ by: _, ...body }) => api.get('createToken', { body }),
    list,
    revoke: async (id) => {
      const token = (await list()).find((known) => known.id === id) ?? null;
      await api.call('revokeToken', { params: { id } });
      return token;
    },
  };
}
