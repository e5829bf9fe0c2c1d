import { ManualRuntime } from '@drover/testing';
import { ZooKeeperError, type ZooKeeper } from '@drover/zookeeper';
import test from 'ava';
import type { Session } from '../session/session.js';
import { Membership } from './membership.js';

const OWNER = 5n;

/** A tree with one znode. The first answer to `lost` never comes, though the write is carried out. */
function tree(lost: 'create' | 'set') {
  let data: string | null = null;
  let isLost = false;
  const write = async (op: 'create' | 'set', given: string): Promise<void> => {
    data = given;
    if (op !== lost || isLost) return;
    isLost = true;
    throw new ZooKeeperError({ code: 'CONNECTION_LOSS', op, outcome: 'unknown' });
  };
  const zk = {
    sessionId: OWNER,
    watch: async () => ({ close: async () => undefined }),
    exists: async () => (data === null ? null : { ephemeralOwner: OWNER }),
    create: async (_path: string, given: string) => write('create', given).then(() => 'created'),
    set: async (_path: string, given: string) => write('set', given),
  } as unknown as ZooKeeper;
  return { zk, content: () => data };
}

for (const lost of ['create', 'set'] as const)
  test(`a member says what it is now, after the answer to its ${lost} was lost`, async (t) => {
    const { zk, content } = tree(lost);
    const runtime = new ManualRuntime();
    const session = {
      ...{ zk, incarnation: 1, state: 'connected', earlierSessions: [] },
      ...{ holds: () => true, onState: () => () => undefined, makeLayout: async () => undefined },
    } as unknown as Session;
    const member = new Membership({
      ...{ session, runtime, path: '/schedulers/s1', data: 'as it began' },
      taken: () => t.fail(),
      broken: (error) => t.fail(String(error)),
    });
    if (lost === 'set') {
      member.start();
      await runtime.advance(0);
    }
    member.update('for a moment');
    if (lost === 'create') member.start();
    await runtime.advance(0);
    t.is(content(), 'for a moment');
    member.update('as it began');
    await runtime.advance(1_000);
    t.is(content(), 'as it began');
  });
