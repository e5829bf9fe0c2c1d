import assert from 'node:assert/strict';
import { isZooKeeperError } from '../errors.js';
import type { SessionState, WatchEvent, ZooKeeper } from '../port.js';
import { Heard, described, failure, reaches, type Law } from './law.js';

/** States as they are taken, from now on. */
function statesOf(zk: ZooKeeper): Heard<SessionState> {
  const heard = new Heard<SessionState>();
  zk.onState((state) => {
    assert.equal(zk.state, state, 'a listener is called after the handle has changed');
    heard.add(state);
  });
  return heard;
}

export const sessionLaws: Law[] = [
  {
    name: 'a handle begins without a session, connects by itself and sends what was asked meanwhile',
    async holds(world) {
      const zk = await world.open({ sessionTimeoutMs: 3_000 });
      const states = statesOf(zk);
      assert.equal(zk.state, 'connecting');
      assert.equal(zk.sessionId, 0n);
      assert.equal(zk.sessionTimeoutMs, 3_000);
      assert.ok(zk.leaseMs() <= 0);
      const early = zk.create('/early');
      await zk.connected();
      assert.equal(zk.state, 'connected');
      assert.notEqual(zk.sessionId, 0n);
      assert.equal((await early).path, '/early');
      await zk.connected();
      assert.deepEqual(states.all, ['connected']);
    },
  },
  {
    name: 'waiting for the connection can be given up, with the reason of the signal',
    async holds(world) {
      const zk = await world.open();
      const reason = new Error('not that long');
      const abort = new AbortController();
      const waiting = zk.connected(abort.signal);
      abort.abort(reason);
      await assert.rejects(waiting, reason);
      await assert.rejects(zk.connected(AbortSignal.abort(reason)), reason);
      await zk.connected();
    },
  },
  {
    name: 'the lease is positive while the server answers, and never more than two thirds of the session timeout',
    needs: ['lease'],
    async holds(_world, zk) {
      for (let round = 0; round < 10; round++) {
        await zk.exists('/');
        assert.ok(zk.leaseMs() > 0);
        assert.ok(zk.leaseMs() <= (zk.sessionTimeoutMs * 2) / 3);
      }
      await zk.close();
      assert.ok(zk.leaseMs() <= 0);
    },
  },
  {
    name: 'close ends the session: its ephemerals go, later calls fail, and it may be called again',
    async holds(world, zk) {
      const leaving = await world.open();
      const states = statesOf(leaving);
      await leaving.create('/e', '', { mode: 'ephemeral' });
      const gone = new Heard<WatchEvent | null>();
      await zk.exists('/e', gone.add);
      await Promise.all([leaving.close(), leaving.close()]);
      await leaving.close();
      assert.deepEqual(states.all, ['connected', 'closed']);
      assert.deepEqual(described(await gone.count(1)), ['deleted /e']);
      const error = await failure(leaving.get('/'), 'CLOSED');
      assert.deepEqual([error.op, error.path, error.outcome], ['get', '/', 'not-applied']);
      await failure(leaving.connected(), 'CLOSED');
    },
  },
  {
    name: 'every call settles when the handle is closed: it was done, or fails',
    async holds(world, zk) {
      const leaving = await world.open();
      await leaving.connected();
      const calls = Array.from({ length: 50 }, (_, i) => leaving.create(`/n${i}`));
      const closing = leaving.close();
      const outcomes = await Promise.allSettled(calls);
      await closing;
      const there = new Set(await zk.children('/'));
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') assert.ok(there.has(`n${i}`));
        else assert.ok(isZooKeeperError(outcome.reason, 'CLOSED', 'CONNECTION_LOSS', 'SESSION_EXPIRED'));
      }
    },
  },
  {
    name: 'a handle that is not connected yet can be closed, and whoever waits is told',
    async holds(world) {
      const zk = await world.open();
      // A driver may make the session first, to end it in order.
      const waiting = zk.connected().catch((error: unknown) => {
        assert.ok(isZooKeeperError(error, 'CLOSED'));
      });
      const asked = zk.exists('/').catch((error: unknown) => {
        assert.ok(isZooKeeperError(error, 'CLOSED', 'CONNECTION_LOSS'));
        return null;
      });
      await zk.close();
      await Promise.all([waiting, asked]);
      assert.equal(zk.state, 'closed');
    },
  },
  {
    name: 'a lost connection suspends the handle; the same session goes on with the next one',
    async holds(world, zk) {
      await zk.create('/e', '', { mode: 'ephemeral' });
      const { sessionId } = zk;
      const states = statesOf(zk);
      await world.disconnect();
      await states.count(2);
      assert.deepEqual(states.all, ['suspended', 'connected']);
      assert.equal(zk.sessionId, sessionId);
      assert.equal((await zk.get('/e')).stat.ephemeralOwner, sessionId);
    },
  },
  {
    name: 'when the server ends the session the handle says so for good, and every call fails with it',
    async holds(world, zk) {
      const doomed = await world.open();
      await doomed.create('/e', '', { mode: 'ephemeral' });
      const states = statesOf(doomed);
      await world.expire(doomed);
      await reaches(doomed, 'expired');
      assert.equal(states.all.at(-1), 'expired');
      assert.equal(await zk.exists('/e'), null);
      const error = await failure(doomed.create('/ghost'), 'SESSION_EXPIRED');
      assert.deepEqual([error.op, error.path, error.outcome], ['create', '/ghost', 'not-applied']);
      await failure(doomed.connected(), 'SESSION_EXPIRED');
      assert.ok(doomed.leaseMs() <= 0);
      await doomed.close();
      assert.equal(await zk.exists('/ghost'), null);
    },
  },
  {
    name: 'a listener that was removed hears nothing more, and the others still do',
    async holds(_world, zk) {
      const heard: string[] = [];
      const listener = (state: SessionState): void => void heard.push(`first ${state}`);
      const remove = zk.onState(listener);
      zk.onState((state) => heard.push(`second ${state}`));
      remove();
      remove();
      await zk.close();
      assert.deepEqual(heard, ['second closed']);
    },
  },
];
