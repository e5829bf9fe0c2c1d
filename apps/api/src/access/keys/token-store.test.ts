import { formatToken, hashToken } from '@drover/protocol';
import test from 'ava';
import { TokenStore } from './token-store.js';

const secret = formatToken('abcdefghij', 'A'.repeat(43));
const other = formatToken('abcdefghij', 'B'.repeat(43));
const record = { v: 1 as const, name: 'ci', sha256: hashToken(secret), roles: ['viewer' as const], createdAt: 0 };

test('a token is taken while it is stored and has not expired', (t) => {
  const tokens = new TokenStore();
  t.false(tokens.isRead);
  tokens.setStored(new Map([['abcdefghij', { ...record, expiresAt: 1_000, queues: ['a*'] }]]));
  t.true(tokens.isRead);
  const caller = { name: 'ci', auth: 'token', roles: ['viewer'], queues: ['a*'], token: 'abcdefghij' };
  t.deepEqual(tokens.check(secret, 999), caller as never);
  t.is(tokens.check(secret, 1_000), 'expired');
  t.is(tokens.check(other, 0), 'unknown', 'the id alone is nothing');
  t.is(tokens.check(formatToken('zzzzzzzzzz', 'A'.repeat(43)), 0), 'unknown');
  t.deepEqual(tokens.caller('abcdefghij', 0), caller as never);
  tokens.setStored(new Map());
  t.is(tokens.check(secret, 0), 'unknown');
  t.is(tokens.caller('abcdefghij', 0), null);
});

test('the whole token counts: parts of it and garbage are none', (t) => {
  const tokens = new TokenStore();
  tokens.setStored(new Map([['abcdefghij', record]]));
  for (const text of [
    '',
    'drv_',
    secret.slice(0, -1),
    `${secret}A`,
    ` ${secret}`,
    secret.toUpperCase(),
    secret.replace('drv', 'drw'),
  ])
    t.is(tokens.check(text, 0), 'malformed', text);
});

test('a token of the file goes before one of the same id in ZooKeeper', (t) => {
  const tokens = new TokenStore();
  tokens.setStored(new Map([['abcdefghij', record]]));
  tokens.setFromFile([
    { id: 'abcdefghij', name: 'ops', sha256: hashToken(other), roles: ['admin'], queues: null, expiresAt: null },
  ]);
  t.is(tokens.check(secret, 0), 'unknown');
  t.like(tokens.check(other, 0), { name: 'ops' });
});
