import type { TokenOptions } from '@drover/client';
import type { Handler, Handlers } from '../handlers/handler.js';

const listTokens: Handler = async (_asked, { drover, stored }) => {
  const items = await stored(drover.tokens.list());
  return { status: 200, json: { items, next: null, revision: null, complete: true, total: items.length } };
};

const createToken: Handler = async ({ body, caller }, { drover, stored }) => {
  const json = await stored(drover.tokens.create({ ...(body as TokenOptions), by: caller.name }));
  return { status: 201, json, headers: { 'cache-control': 'no-store' }, audit: { object: json.id } };
};

const revokeToken: Handler = async ({ params }, { drover, stored }) => {
  await stored(drover.tokens.revoke(params.id ?? ''));
  return { status: 204 };
};

export const TOKEN_HANDLERS: Handlers = { listTokens, createToken, revokeToken };
