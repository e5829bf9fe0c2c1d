import { ZooKeeperError, type ErrorCode } from '@drover/zookeeper';
import test from 'ava';
import { settle } from './answer.js';
import type { Report } from './report.js';

const [first, second, third] = ['a', 'b', 'c'].map((name) => ({ name, operations: [{}, {}] })) as unknown as [
  Report,
  Report,
  Report,
];
const reports = [first, second, third];
const failure = (code: ErrorCode, failedIndex?: number, outcome: 'unknown' | 'not-applied' = 'not-applied') =>
  new ZooKeeperError({ code, op: 'multi', outcome, ...(failedIndex === undefined ? {} : { failedIndex }) });

test('applied: all are accepted', (t) => {
  t.deepEqual(settle(reports, null), {
    accepted: reports,
    revoked: [],
    unrivalled: [],
    again: [],
    tooLarge: [],
    when: 'now',
  });
});

test('NO_NODE: that one is revoked, the others are sent again', (t) => {
  for (const failedIndex of [2, 3])
    t.deepEqual(settle(reports, failure('NO_NODE', failedIndex)), {
      ...{ accepted: [], revoked: [second], unrivalled: [], again: [first, third], tooLarge: [], when: 'now' },
    });
});

test('NODE_EXISTS: an earlier try of that one had been applied', (t) => {
  const settled = settle(reports, failure('NODE_EXISTS', 4));
  t.deepEqual(settled, {
    accepted: [third],
    revoked: [],
    unrivalled: [],
    again: [first, second],
    tooLarge: [],
    when: 'now',
  });
});

test('an unknown outcome: all are sent again when connected', (t) => {
  const settled = settle(reports, failure('CONNECTION_LOSS', undefined, 'unknown'));
  t.deepEqual(settled, { accepted: [], revoked: [], unrivalled: [], again: reports, tooLarge: [], when: 'connected' });
  t.is(settle(reports, failure('OPERATION_TIMEOUT', undefined, 'unknown')).when, 'connected');
});

test('the session is gone: nothing will be accepted', (t) => {
  for (const code of ['SESSION_EXPIRED', 'CLOSED'] as const) t.is(settle(reports, failure(code)).when, 'over');
});

test('refused for another reason: again, later', (t) => {
  for (const error of [failure('THROTTLED'), failure('QUOTA_EXCEEDED', 0), new Error('what?')])
    t.deepEqual(settle(reports, error), {
      accepted: [],
      revoked: [],
      unrivalled: [],
      again: reports,
      tooLarge: [],
      when: 'later',
    });
});

test('more than the servers accept: in smaller pieces', (t) => {
  for (const outcome of ['unknown', 'not-applied'] as const)
    t.deepEqual(settle(reports, failure('REQUEST_TOO_LARGE', undefined, outcome)), {
      ...{ accepted: [], revoked: [], unrivalled: [], again: [], tooLarge: reports, when: 'now' },
    });
});
