import test from 'ava';
import { ZooKeeperError, type ErrorCode, type Operation } from '@drover/zookeeper';
import { isFence, refusalOf, splitRefused } from './refused.decide.js';

const failure = (code: ErrorCode, failedIndex?: number): ZooKeeperError =>
  new ZooKeeperError({
    code,
    op: 'multi',
    outcome: 'not-applied',
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });

test('only the first operation is the fence', (t) => {
  t.true(isFence(failure('BAD_VERSION', 0)));
  t.true(isFence(failure('NO_NODE', 0)));
  for (const error of [failure('BAD_VERSION', 1), failure('NO_AUTH', 0), new Error('BAD_VERSION')])
    t.false(isFence(error));
});

test('a refusal says which operation it is about, an error of the session or the connection is none', (t) => {
  t.deepEqual(refusalOf(failure('NO_AUTH', 3)), { code: 'NO_AUTH', failedIndex: 2 });
  t.deepEqual(refusalOf(failure('QUOTA_EXCEEDED', 1)), { code: 'QUOTA_EXCEEDED', failedIndex: 0 });
  t.deepEqual(refusalOf(failure('REQUEST_TOO_LARGE')), { code: 'REQUEST_TOO_LARGE', failedIndex: -1 });
  for (const code of ['SESSION_EXPIRED', 'CONNECTION_LOSS', 'CLOSED', 'THROTTLED'] as const)
    t.is(refusalOf(failure(code)), null, code);
  t.is(refusalOf(failure('BAD_VERSION', 0)), null);
  t.is(refusalOf(new ZooKeeperError({ code: 'REQUEST_TOO_LARGE', op: 'multi', outcome: 'unknown' })), null);
  t.is(refusalOf(new Error('?')), null);
});

test('the entry that was refused is found by the place of its operation', (t) => {
  const entry = (name: string, count: number) => ({
    operations: Array.from({ length: count }, (_, i): Operation => ({ op: 'delete', path: `/${name}${i}` })),
    bytes: 0,
    alone: false,
    name,
  });
  const packet = [entry('a', 1), entry('b', 3), entry('c', 2)];
  const at = (index: number) => {
    const { culprit, at, others } = splitRefused(packet, index);
    return [culprit?.name, at, others.map(({ name }) => name).join()];
  };
  t.deepEqual(at(0), ['a', 0, 'b,c']);
  t.deepEqual(at(3), ['b', 2, 'a,c']);
  t.deepEqual(at(4), ['c', 0, 'a,b']);
  t.deepEqual(at(-1), [undefined, -1, 'a,b,c']);
  t.deepEqual(splitRefused([entry('a', 2)], -1).culprit?.name, 'a');
});
