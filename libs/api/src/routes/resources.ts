import * as z from 'zod';
import { route, type Route } from '../route.js';
import { listOf, paging, reason } from '../schemas/common.js';
import { account, accountUse, capacity, definitionInput, pool, resource, warnedReply } from '../schemas/resources.js';

const name = z.strictObject({ name: z.string() });
const COMMAND_ERRORS = ['no-leader', 'command-timeout', 'zookeeper-unavailable'] as const;

/** `Name` stands in names of routes: `putAccount`. */
interface Kind {
  readonly kind: 'account' | 'pool' | 'resource';
  readonly Name: string;
  readonly a: string;
  readonly item: z.ZodType;
  readonly inUse: string;
}

const KINDS: readonly Kind[] = [
  { kind: 'account', Name: 'Account', a: 'an account', item: account, inUse: 'one whose tasks wait or run' },
  { kind: 'pool', Name: 'Pool', a: 'a pool', item: pool, inUse: 'one that has workers' },
  { kind: 'resource', Name: 'Resource', a: 'a floating resource', item: resource, inUse: 'one that tasks hold' },
];

const routesOf = ({ kind, Name, a, item, inUse }: Kind): Route[] => {
  const notFound = `${kind}-not-found` as const;
  const body = {
    json: z.strictObject({
      spec: definitionInput,
      ifRevision: z.number().int().nonnegative().optional(),
      reason: reason.optional(),
    }),
  };
  const path = `/v1/${kind}s/:name`;
  const shared = { permission: 'define', answeredBy: 'any', params: name, disableable: 'define' } as const;
  return [
    route({
      name: `get${Name}`,
      method: 'GET',
      path,
      summary: `${a[0]?.toUpperCase()}${a.slice(1)} as it is defined`,
      permission: 'see',
      answeredBy: 'any',
      params: name,
      answers: { 200: { json: item } },
      errors: [notFound, 'zookeeper-unavailable'],
    }),
    route({
      ...shared,
      name: `put${Name}`,
      method: 'PUT',
      path,
      summary: `Defines ${a}; fields that are not named are as at first`,
      body,
      answers: { 200: { json: warnedReply } },
      errors: ['revision-conflict', 'conflict', ...COMMAND_ERRORS],
    }),
    route({
      ...shared,
      name: `change${Name}`,
      method: 'PATCH',
      path,
      summary: `Defines ${a}, or changes what is named of one; the rest stays`,
      body,
      answers: { 200: { json: warnedReply } },
      errors: ['revision-conflict', 'conflict', ...COMMAND_ERRORS],
    }),
    route({
      ...shared,
      name: `delete${Name}`,
      method: 'DELETE',
      path,
      summary: `Removes ${a}; ${inUse} only with \`force=1\``,
      query: z.strictObject({
        force: z.string().optional(),
        ifRevision: z.coerce.number().optional(),
        reason: reason.optional(),
      }),
      answers: { 200: { json: z.object({ name: z.string() }) } },
      errors: ['revision-conflict', 'conflict', notFound, ...COMMAND_ERRORS],
    }),
  ];
};

/** Each kind is defined, changed and removed in the same way. */
export const RESOURCE_ROUTES: readonly Route[] = KINDS.flatMap(routesOf);

const listing = {
  method: 'GET',
  permission: 'see',
  answeredBy: 'any',
  query: z.strictObject(paging),
  errors: ['invalid-cursor', 'zookeeper-unavailable'],
} as const;

export const RESOURCE_VIEWS = [
  route({
    ...listing,
    name: 'listAccounts',
    path: '/v1/accounts',
    summary:
      'Accounts that are defined or own a queue; with a leader, and for those who see all queues, what each holds',
    answers: { 200: { json: listOf(accountUse) } },
  }),
  route({
    ...listing,
    name: 'listPools',
    path: '/v1/pools',
    summary: 'Pools that are defined',
    answers: { 200: { json: listOf(pool) } },
  }),
  route({
    ...listing,
    name: 'listResources',
    path: '/v1/resources',
    summary: 'Floating resources',
    answers: { 200: { json: listOf(resource) } },
  }),
  route({
    name: 'getCapacity',
    method: 'GET',
    path: '/v1/capacity',
    summary: 'Resources of each pool, how much of them is claimed, and work that fits nowhere',
    permission: 'see',
    answeredBy: 'any',
    query: z.strictObject({ pool: z.string().optional() }),
    answers: { 200: { json: capacity } },
    errors: COMMAND_ERRORS,
  }),
] as const;
