import test from 'ava';
import { definitionPath, encodeRecord, type CommandAnswer, type CommandRequest } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import type { TermContext } from '../term/term-context.js';
import { DefinitionRequests, type DefinitionRequest } from './definition-requests.js';
import { Definitions } from './definitions.js';
import type { Uses } from './definitions.decide.js';

type Use = { -readonly [Field in 'accounts' | 'floating' | 'pools']?: Uses[Field] };

/** A leader that finds these records by path, with a fake planner, tree and writer. */
async function play(
  found: Readonly<Record<string, string>> = {},
  { accounts = [], floating = [], pools = [] }: Use = {},
) {
  const [told, written]: [unknown[][], Operation[]] = [[], []];
  const context = {
    active: () => true,
    ...{ replan: () => undefined, refused: () => undefined },
    clock: { now: () => 100 },
    log: { event: () => undefined },
    metrics: { count: () => undefined },
    zk: {
      capabilities: { multiRead: false },
      children: async (root: string) =>
        Object.keys(found).flatMap((path) => (path.startsWith(`${root}/`) ? [path.slice(root.length + 1)] : [])),
      get: async (path: string) => ({ data: Buffer.from(found[path] ?? ''), stat: {} }),
    },
    planner: {
      account: (...given: unknown[]) => told.push(['account', ...given]),
      pool: (...given: unknown[]) => told.push(['pool', ...given]),
      resource: (...given: unknown[]) => told.push(['resource', ...given]),
      ...{ accountUses: () => accounts, floatingUses: () => floating, poolUses: () => pools },
      stuckClasses: () => ({ shown: [], leftOut: 0, parked: 0, unplaceableTasks: 0 }),
    },
    writer: {
      attempt: async (operations: readonly Operation[]) => {
        written.push(...operations);
        return { applied: true, results: [], zxid: 1n };
      },
    },
  } as unknown as TermContext;
  const definitions = new Definitions(context);
  await definitions.load();
  const requests = new DefinitionRequests(context, definitions);
  const ask = (request: DefinitionRequest, isRepeated = false): Promise<CommandAnswer> =>
    requests.act(request, { by: 'ada', reason: 'more' }, isRepeated);
  const reply = async (request: CommandRequest) => (await ask(request as DefinitionRequest)).definition;
  return { ask, reply, told, written };
}

const recordIn = ([operation]: readonly Operation[]): unknown =>
  JSON.parse(String(Buffer.from((operation as { data: Uint8Array }).data)));

test('a change is merged into what is there, written with who and why, and then told to the planner', async (t) => {
  const { reply, told, written } = await play();
  t.like(await reply({ kind: 'set-account', name: 'search', change: { weight: 3 } }), {
    change: 'created',
    revision: 1,
  });
  t.deepEqual(recordIn(written.splice(0)), {
    ...{ v: 1, revision: 1, weight: 3, guarantee: {}, limit: {}, lend: true },
    changedBy: { by: 'ada', reason: 'more', at: 100 },
  });
  const limited = { kind: 'set-account', name: 'search', change: { limit: { cpu: 5_000 } } } as const;
  t.like(await reply(limited), { change: 'changed', revision: 2 });
  t.like(recordIn(written), { weight: 3, limit: { cpu: 5_000 } });
  t.like(await reply(limited), { change: 'unchanged', revision: 2 });
  t.deepEqual(told.at(-1), ['account', 'search', { weight: 3, guarantee: {}, limit: { cpu: 5_000 }, lend: true }]);
  t.like(await reply({ ...limited, change: {}, replace: true }), { change: 'changed', revision: 3 });
  t.like(recordIn(written.slice(-1)), { weight: 1, limit: {} });
});

test('a change is refused at another revision, and where the definition would contradict itself', async (t) => {
  const { reply, written } = await play();
  const set = { kind: 'set-account', name: 'a', change: { weight: 2 } } as const;
  t.like(await reply({ ...set, ifRevision: 4 }), { ok: false, code: 'revision', revision: 0 });
  await reply({ ...set, ifRevision: 0 });
  t.like(await reply({ ...set, ifRevision: 0 }), { ok: true, change: 'unchanged' }, 'an answer that was lost');
  t.like(await reply({ ...set, change: { weight: 5 }, ifRevision: 0 }), { ok: false, code: 'revision', revision: 1 });
  await reply({ ...set, change: { guarantee: { cpu: 4_000 } } });
  t.like(await reply({ ...set, change: { limit: { cpu: 3_000 } } }), {
    ...{ ok: false, code: 'invalid', field: 'limit' },
    message: 'limit: expected at least the guarantee, which is cpu=4, got cpu=3',
  });
  t.like(await reply({ ...set, name: 'a b' }), { ok: false, code: 'invalid', field: 'name' });
  t.like(await reply({ kind: 'set-pool', name: 'p', change: { policy: 'pick' } }), {
    code: 'invalid',
    field: 'policy',
  });
  t.is(written.length, 2);
});

test('a definition that nobody can keep is accepted with a warning; a floating resource is none of a worker', async (t) => {
  const pools = [{ pool: 'default', workers: 2, resources: { cpu: { capacity: 8_000, claimed: 6_000, used: 0 } } }];
  const accounts = [{ account: 'a', share: 0.5, held: { cpu: 6_000 }, pending: 2 }];
  const floating = [{ name: 'licence.x', total: 9_000, claimed: 5_000 }];
  const { reply } = await play({}, { accounts, floating, pools });
  t.deepEqual((await reply({ kind: 'set-account', name: 'a', change: { limit: { cpu: 4_000 } } }))?.warnings, [
    'its tasks hold cpu=6, more than the limit cpu=4: nothing is taken away, and nothing more is given until they have ended',
  ]);
  await reply({ kind: 'set-account', name: 'b', change: { guarantee: { cpu: 5_000 } } });
  t.deepEqual((await reply({ kind: 'set-account', name: 'c', change: { guarantee: { cpu: 4_000 } } }))?.warnings, [
    'accounts are guaranteed cpu=9 together, and there is cpu=8: each has its part of that',
  ]);
  t.regex(
    (await reply({ kind: 'set-resource', name: 'licence.x', change: { total: 1_000 } }))?.warnings?.[0] ?? '',
    /^tasks hold 5 of it, more than 1:/,
  );
  const asFloating = { kind: 'set-resource', change: { total: 1_000 } } as const;
  t.like(await reply({ ...asFloating, name: 'slots' }), { ok: false, code: 'invalid', field: 'name' });
  pools.push({ pool: 'gpu', workers: 1, resources: { gpu: { capacity: 1, claimed: 0, used: 0 } } } as never);
  t.like(await reply({ ...asFloating, name: 'gpu' }), { ok: false, code: 'invalid', field: 'name' });

  t.like(await reply({ kind: 'remove-account', name: 'a' }), {
    ...{ ok: false, message: 'it is in use, its tasks hold cpu=6, 2 tasks of it wait; it is removed only with force' },
  });
  t.like(await reply({ kind: 'remove-account', name: 'a', force: true }), { ok: true, change: 'removed' });
  t.like(await reply({ kind: 'remove-account', name: 'a' }), { ok: false, code: 'unknown' });
});

test('a record that nobody can read lets nothing start until it is set anew; one of a later version stays', async (t) => {
  const path = definitionPath('account', 'a');
  const { reply, told } = await play({ [path]: '{"v":1', [definitionPath('pool', 'p')]: '{"v":99}' });
  t.deepEqual(told[0], ['account', 'a', { weight: 1, guarantee: {}, limit: { slots: 0 }, lend: true }]);
  t.like(told[1], { 0: 'pool', 1: 'p', 2: { dedicated: [] } });
  t.like(await reply({ kind: 'set-account', name: 'a', change: { weight: 2 } }), { change: 'changed', revision: 1 });
  t.deepEqual(told.at(-1), ['account', 'a', { weight: 2, guarantee: {}, limit: {}, lend: true }]);
  t.like(await reply({ kind: 'set-pool', name: 'p', change: { min: 1 } }), { ok: false });
  t.like(await reply({ kind: 'remove-pool', name: 'p', force: true }), { ok: false });
});

test('the next leader knows what the last one wrote; a removal whose answer was lost is done', async (t) => {
  const record = encodeRecord('resource', { revision: 7, total: 20_000, changedBy: { at: 1 } });
  const { ask, reply, told } = await play({ [definitionPath('resource', 'licence.x')]: record });
  t.deepEqual(told, [['resource', 'licence.x', 20_000]]);
  t.like(await reply({ kind: 'set-resource', name: 'licence.x', change: { total: 1_000 }, ifRevision: 7 }), {
    revision: 8,
  });
  t.like(await reply({ kind: 'remove-resource', name: 'licence.x', ifRevision: 7 }), { code: 'revision', revision: 8 });
  t.like(await reply({ kind: 'remove-resource', name: 'licence.x' }), { change: 'removed' });
  t.deepEqual(told.at(-1), ['resource', 'licence.x', null]);
  t.like(await ask({ kind: 'remove-resource', name: 'licence.x' }, true), { definition: { ok: true } });
});

test('accounts are told in parts by name: those in use and those that are defined', async (t) => {
  const accounts = Array.from({ length: 150 }, (_, n) => ({ account: `a${n}`, share: 0, held: {}, pending: 1 }));
  const { ask, reply } = await play({}, { accounts });
  await reply({ kind: 'set-account', name: 'zoo', change: { weight: 4 } });
  const first = (await ask({ kind: 'show-accounts' })).accounts;
  const second = (await ask({ kind: 'show-accounts', after: first?.next ?? '' })).accounts;
  t.deepEqual([first?.accounts.length, second?.accounts.length, second?.next], [100, 51, null]);
  t.like(second?.accounts.at(-1), { account: 'zoo', weight: 4, share: 0, pending: 0 });
});
