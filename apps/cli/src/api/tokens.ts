import type { Tokens, TokenView } from '@drover/client';
import type { ApiClient } from './api-client.js';

/** `drover.tokens` by the API. */
export function apiTokens(api: ApiClient): Tokens {
  return {
    create: ({ name, roles, queues, expiresIn }) =>
      api.get('createToken', {
        body: {
          name,
          roles,
          ...(queues === undefined ? {} : { queues }),
          ...(expiresIn === undefined
            ? {}
            : { expiresIn: typeof expiresIn === 'number' ? `${expiresIn}ms` : expiresIn }),
        },
      }),
    list: () => api.all<TokenView>('listTokens'),
    revoke: async (id) => {
      const known = (await api.all<TokenView>('listTokens')).find((token) => token.id === id);
      await api.call('revokeToken', { params: { id } });
      return known ?? null;
    },
  };
}
