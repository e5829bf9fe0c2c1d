import test from 'ava';
import { ZooKeeperError } from '@drover/zookeeper';
import { afterFailedSend } from './batch-write.js';

const refusal = (failedIndex?: number): ZooKeeperError =>
  new ZooKeeperError({
    code: 'NODE_EXISTS',
    op: 'multi',
    outcome: 'not-applied',
    ...(failedIndex === undefined ? {} : { failedIndex }),
  });

test('a batch that exists is our own earlier try; what exists behind it is a key of somebody else', (t) => {
  t.is(afterFailedSend(refusal()), 'applied');
  t.is(afterFailedSend(refusal(0)), 'applied');
  t.is(afterFailedSend(refusal(3)), 'keys');
  t.is(afterFailedSend(new ZooKeeperError({ code: 'NO_AUTH', op: 'create', outcome: 'not-applied' })), 'failed');
  t.is(afterFailedSend(new Error('no')), 'failed');
});
