import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { StatusRecord } from '@drover/protocol';
import test from 'ava';
import { World } from './support/world.js';

const TEMPLATE = { resources: { slots: 4_000 }, labels: {}, types: ['noop'] };

test('advice for a pool is told, and the next leader goes on from it', async (t) => {
  const world = await World.create(t);
  const leader = await world.scheduler('s1');
  await world.submitter.submit(400);
  const ask = { kind: 'show-scale', pool: 'default' } as const;
  t.regex((await world.ask(ask)).message ?? '', /^there is no pool 'default'/);
  await world.ask({ kind: 'set-pool', name: 'default', change: { min: 1 } });
  t.regex((await world.ask(ask)).message ?? '', /^pool default has no template/);
  await world.ask({ kind: 'set-pool', name: 'default', change: { template: TEMPLATE } });
  const scale = await world.until(async () => (await world.ask(ask)).scale ?? null);
  // Nobody has told how long its tasks take: a second each, at first.
  t.like(scale, { pool: 'default', wanted: 2, have: 0, coming: 2, remove: [] });
  t.like((await world.ask({ kind: 'scale-coming', pool: 'default', count: 7 })).scale, { coming: 7 });
  const shown = (): Promise<NonNullable<StatusRecord['scale']>[string] | null> =>
    world.until(async () => (await world.json<StatusRecord>('/status'))?.scale?.default ?? null);
  const before = await world.until(async () => {
    const record = await shown();
    return record?.comingSaid?.count === 7 ? record : null;
  });
  await world.kill(leader);
  await world.scheduler('s2');
  await world.leader(({ id }) => id === 's2');
  const next = await world.until(async () => (await world.ask(ask)).scale ?? null);
  t.true(next.wanted >= before.wanted);
  t.is(next.coming, 7);
});

test('a worker that nobody needs is drained with the reason, and named when it has nothing', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  await world.worker('a');
  await world.worker('b');
  const change = { template: TEMPLATE, min: 1, idleForMs: 0, cooldownMs: 0 };
  await world.ask({ kind: 'set-pool', name: 'default', change });
  const scale = await world.until(async () => {
    const answer = await world.ask({ kind: 'show-scale', pool: 'default' });
    return (answer.scale?.remove.length ?? 0) > 0 ? answer.scale : null;
  });
  t.like(scale, { wanted: 1, have: 1 });
  const [name] = scale?.remove ?? [];
  const ids = (await world.zk.children('/assignments')).filter((id) => id.startsWith(`${name}-`));
  const directory = await world.json<{ draining: boolean; drainedBy: { by: string } }>(`/assignments/${ids[0]}`);
  t.like(directory, { draining: true, drainedBy: { by: 'autoscale' } });
});

test('a webhook is told of the advice', async (t) => {
  const world = await World.create(t);
  await world.scheduler('s1');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.end();
      server.emit('told', body, request.headers['drover-signature']);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const told = once(server, 'told');
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const change = { template: TEMPLATE, min: 3, webhook, webhookSecret: 'sixteen characters' };
  await world.ask({ kind: 'set-pool', name: 'default', change });
  const [body, signature] = (await told) as [string, string];
  t.like(JSON.parse(body), { pool: 'default', wanted: 3, have: 0, coming: 3 });
  t.regex(signature, /^[0-9a-f]{64}$/);
});
