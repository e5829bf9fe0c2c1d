import test from 'ava';
import { InvalidArgumentError } from '../errors.js';
import type { PoolOptions } from './pool-spec.js';
import { changedDefinition, definitionOf, sameDefinition, type DefinitionKind } from './definitions.js';

function refusal(kind: DefinitionKind, given: object): string {
  try {
    changedDefinition(kind, null, definitionOf(kind).parse('', given as never));
    return 'accepted';
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return error.message;
  }
}

test('a change names what it changes, and the rest stays', (t) => {
  const { parse, view } = definitionOf('account');
  const first = changedDefinition('account', null, parse('', { weight: 3, guarantee: { memory: '8GiB', cpu: 40 } }));
  t.deepEqual(first, { weight: 3, guarantee: { cpu: 40_000, memory: 8 * 2 ** 30 }, limit: {}, lend: true });
  const second = changedDefinition('account', first, parse('', { limit: 'cpu=100,gpu=4', lend: false }));
  t.deepEqual(view(second), {
    ...{ weight: 3, guarantee: { cpu: 40, memory: '8GiB' }, limit: { cpu: 100, gpu: 4 }, lend: false },
  });
  t.deepEqual(changedDefinition('account', second, parse('', { guarantee: null })).guarantee, {});
});

test('what is shown is what may be given', (t) => {
  const pool = definitionOf('pool');
  const spec = changedDefinition(
    'pool',
    null,
    pool.parse('', {
      ...{ policy: 'pack', dedicated: ['b', 'a'], overcommit: 'cpu=1.5,memory!=1.2', warmup: '20s', min: 1, max: 9 },
      template: { resources: 'cpu=8,memory=32GiB,slots=8', labels: { zone: 'a' }, types: ['b', 'a'] },
      ...{ idleFor: null, webhook: 'https://scaler.example/x', webhookSecret: 'correct horse battery staple' },
    }),
  );
  const shown = pool.view(spec);
  t.false('webhookSecret' in shown);
  const again = pool.parse('', shown as PoolOptions);
  t.true(sameDefinition<'pool'>({ ...spec, ...again }, spec));
  t.deepEqual(definitionOf('resource').view({ total: 500 }), { total: 0.5 });
});

test('definitions that make no sense are refused with the reason', (t) => {
  t.is(
    refusal('account', { guarantee: 'cpu=40', limit: 'cpu=10' }),
    'limit: expected at least the guarantee, which is cpu=40, got cpu=10',
  );
  t.is(refusal('account', { guarantee: 'cpu=40', limit: 'gpu=1' }), 'accepted');
  t.regex(refusal('account', { weight: 0 }), /^weight: expected a number from 0\.001 to 1000/);
  t.regex(refusal('account', { wieght: 2 }), /did you mean "weight"/);
  t.regex(refusal('account', { limit: 'cpu=1,cpu=2' }), /'cpu' once/);
  t.regex(refusal('account', { limit: { cpu: -1 } }), /^limit\.cpu: expected a number from 0/);
  t.regex(refusal('account', { limit: { memory: '4GB2' } }), /^limit\.memory: expected whole bytes/);
  t.regex(refusal('account', { limit: { cpu: 1e300 } }), /^limit\.cpu/);
  t.is(refusal('pool', { dedicated: ['a', 'b', 'a'] }), "dedicated: the account 'a' is given twice");
  t.is(refusal('pool', { min: 4, max: 3 }), 'max: expected at least min, which is 4, got 3');
  t.regex(refusal('pool', { webhook: 'https://x.example' }), /^webhookSecret: a webhook needs a secret/);
  t.regex(refusal('pool', { webhook: 'ftp://x.example' }), /^webhook: expected a URL of http or https/);
  t.false(refusal('pool', { webhookSecret: 'short-secret' }).includes('short-secret'));
  t.regex(refusal('pool', { overcommit: 'memory=2' }), /^overcommit\.memory: expected 'memory!' if you mean it/);
  t.regex(refusal('pool', { overcommit: { cpu: 0.5 } }), /^overcommit\.cpu: expected a number from 1 to 100/);
  t.regex(refusal('resource', { total: 1.0001 }), /^total: expected a number from 0 with three decimals/);
});

test('a floating resource is none that workers have', (t) => {
  const { parseName } = definitionOf('resource');
  t.is(parseName('name', 'licence.x'), 'licence.x');
  for (const name of ['slots', 'cpu', 'memory', 'disk'])
    t.throws(() => parseName('name', name), { message: /each worker has its own/ });
  t.throws(() => parseName('name', 'Licence'), { message: /small letters/ });
});
