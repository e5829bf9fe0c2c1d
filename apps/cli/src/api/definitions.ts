import type { Accounts, AccountUse, AccountView, Defined, DefinitionReply, Definitions } from '@drover/client';
import type { DefinitionKind, DefinitionOptions, DefinitionViews } from '@drover/core';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './errors.js';

const PAGE = 500;

/** `drover.pools` and the like by the API. */
export function apiDefinitions<Kind extends DefinitionKind>(
  api: ApiClient,
  kind: Kind,
): Definitions<DefinitionOptions[Kind], DefinitionViews[Kind]> {
  const Name = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  return {
    set: (name, spec, { ifRevision, replace = false, reason } = {}) =>
      api.get<DefinitionReply>(`${replace ? 'put' : 'change'}${Name}`, {
        params: { name },
        body: {
          spec,
          ...(ifRevision === undefined ? {} : { ifRevision }),
          ...(reason === undefined ? {} : { reason }),
        },
      }),
    get: (name) => api.get(`get${Name}`, { params: { name } }),
    list: () => api.all(`list${Name}s`, { query: { limit: PAGE } }),
    remove: async (name, { force, ifRevision, reason } = {}) => {
      await api.call(`delete${Name}`, {
        params: { name },
        query: { force: force === true ? 1 : undefined, ifRevision, reason },
      });
    },
  };
}

type Use = { [Field in keyof AccountUse]: AccountUse[Field] | null };
type Account = Use & { account: string; revision: number } & Omit<Defined<AccountView | null>, 'name' | 'revision'>;

/** `drover.accounts` by the API, which lists what is defined and what is in use together. */
export function apiAccounts(api: ApiClient): Accounts {
  const all = (): Promise<Account[]> => api.all('listAccounts', { query: { limit: PAGE } });
  return {
    ...apiDefinitions(api, 'account'),
    list: async () =>
      (await all()).flatMap(({ account: name, revision, spec, changedBy }) =>
        spec === null ? [] : [{ name, revision, spec, changedBy }],
      ),
    usage: async () =>
      (await all()).map(({ account, weight, share, held, guarantee, limit, pending }) =>
        inUse({ account, weight, share, held, guarantee, limit, pending }),
      ),
  };
}

/** Without a leader the API tells only what is defined. */
function inUse(use: Use): AccountUse {
  if (use.share !== null) return use as AccountUse;
  throw new ApiRefusedError(503, {
    code: 'no-leader',
    detail: 'nobody leads, so nobody knows what each account holds',
  });
}
