import { hashToken, tokenPath, TOKENS } from '@drover/protocol';
import { systemRuntime } from '@drover/runtime';
import { testZooKeeper } from '@drover/testing';
import { connectZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import { InvalidArgumentError, TokenNotFoundError, type TokenOptions } from '../src/index.js';
import { client } from './client.js';

test('a token is told once, its hash is stored, and it is gone when it is revoked', async (t) => {
  const { connect } = await testZooKeeper(t);
  const drover = await client(t, connect);
  const before = Date.now();
  const { secret, ...token } = await drover.tokens.create({
    ...{ name: 'ci', roles: ['viewer', 'submitter', 'viewer'], queues: ['a*', 'mail'], expiresIn: '90d', by: 'ada' },
  });
  t.regex(secret, /^drv_[0-9a-z]{10}_[A-Za-z0-9_-]{43}$/);
  t.true(secret.includes(token.id));
  t.like(token, { name: 'ci', roles: ['viewer', 'submitter'], queues: ['a*', 'mail'], createdBy: 'ada' });
  t.true(token.expiresAt! >= before + 90 * 86_400_000);
  t.deepEqual(await drover.tokens.list(), [token]);
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  const { data } = await zk.get(tokenPath(token.id));
  t.true(data.includes(hashToken(secret)));
  t.false(data.includes(secret.slice(-43)), 'the secret is nowhere');

  t.deepEqual(await drover.tokens.revoke(token.id), token);
  t.deepEqual(await drover.tokens.list(), []);
  await t.throwsAsync(drover.tokens.revoke(token.id), { instanceOf: TokenNotFoundError });
});

test('one that cannot be read is left out, and can be revoked; long expired ones go when another is made', async (t) => {
  const { connect } = await testZooKeeper(t);
  let now = Date.now();
  const drover = await client(t, connect, { runtime: { ...systemRuntime, now: () => now } });
  const old = await drover.tokens.create({ name: 'old', roles: ['viewer'], expiresIn: '1s' });
  const zk = connectZooKeeper({ connect, runtime: systemRuntime });
  t.teardown(() => zk.close());
  await zk.connected();
  await zk.create(tokenPath('garbage000'), 'x');
  t.deepEqual(
    (await drover.tokens.list()).map(({ name }) => name),
    ['old'],
  );
  t.is(await drover.tokens.revoke('garbage000'), null);
  now += 31 * 86_400_000;
  const young = await drover.tokens.create({ name: 'young', roles: ['admin'] });
  t.deepEqual(await zk.children(TOKENS), [young.id]);
  t.not(old.id, young.id);
});

test('options that make no sense are refused before anything is written', async (t) => {
  const { connect } = await testZooKeeper(t);
  const drover = await client(t, connect);
  const good: TokenOptions = { name: 'x', roles: ['viewer'] };
  const bad: object[] = [
    ...[
      { name: '' },
      { name: 5 },
      { roles: [] },
      { roles: ['god'] },
      { roles: 'admin' },
      { queues: [] },
      { queues: ['*a'] },
    ],
    ...[{ expiresIn: '0s' }, { expiresIn: 'soon' }, { by: 'x'.repeat(129) }, { role: 'admin' }],
  ];
  for (const more of bad)
    await t.throwsAsync(
      drover.tokens.create({ ...good, ...more }),
      { instanceOf: InvalidArgumentError },
      JSON.stringify(more),
    );
  for (const id of ['', '..', 'a/b', 'x'.repeat(40)])
    await t.throwsAsync(drover.tokens.revoke(id), { instanceOf: InvalidArgumentError });
});
