import { ManualRuntime } from '@drover/testing';
import { isZooKeeperError, ProtocolClient } from '@drover/zookeeper';
import { MalformedPacketError } from '@drover/zookeeper/wire';
import fc from 'fast-check';
import { damaged } from '../mutations.js';
import type { Target } from '../target.js';
import { EXCHANGES, goodHandshake, goodReplies } from './good-replies.js';
import { ScriptedServer } from './scripted-server.js';

const HANDSHAKE = new Uint8Array(goodHandshake());
const REPLIES = new Uint8Array(goodReplies());
const SESSION_TIMEOUT_MS = 10_000;
const AT_ONCE = [1_000_000];

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 });
const replies = fc.oneof({ arbitrary: damaged(fc.constant(REPLIES)), weight: 4 }, fc.uint8Array({ maxLength: 200 }));
const handshakes = fc.oneof(
  { arbitrary: fc.constant(HANDSHAKE), weight: 6 },
  damaged(fc.constant(HANDSHAKE)),
  fc.uint8Array({ maxLength: 60 }),
);

/**
 * A client that asks for everything there is, and a server that answers with damaged bytes: calls end, with a
 * `ZooKeeperError` where they fail; a connection that makes no sense is given up; the next server is as good as ever.
 */
export function sessionTargets(): Target[] {
  const property = fc.asyncProperty(handshakes, replies, sizes, async (handshake, bytes, cuts) => {
    const world = new World();
    await world.connect(handshake);
    const calls = world.askAll();
    await world.runtime.settle();
    world.server.latest?.receive(bytes, cuts);
    await world.runtime.settle();
    world.checkFailure();
    await world.recover();
    await world.close();
    for (const call of await Promise.allSettled(calls))
      if (call.status === 'rejected' && !isZooKeeperError(call.reason)) throw call.reason;
  });
  const good = fc.asyncProperty(sizes, async (cuts) => {
    const world = new World();
    await world.connect(HANDSHAKE);
    const calls = world.askAll();
    await world.runtime.settle();
    world.server.latest?.receive(REPLIES, cuts);
    const ends = await Promise.allSettled(calls);
    const failed = ends.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    if (failed.join() !== '3,11') throw new Error(`good replies: calls ${failed.join()} failed`);
    await world.close();
  });
  return [
    { name: 'session', share: 0.03, property },
    { name: 'session, good replies', share: 0.002, property: good },
  ];
}

class World {
  readonly runtime = new ManualRuntime();
  readonly server = new ScriptedServer();
  readonly client: ProtocolClient;

  constructor() {
    const { runtime } = this;
    const onCallerError = (error: unknown): void => {
      throw error;
    };
    const { transport } = this.server;
    const options = { connect: '127.0.0.1:1/root', sessionTimeoutMs: SESSION_TIMEOUT_MS, runtime, transport };
    this.client = new ProtocolClient({ ...options, onCallerError });
  }

  async connect(handshake: Uint8Array): Promise<void> {
    await this.runtime.settle();
    this.server.latest?.receive(handshake, AT_ONCE);
    await this.runtime.settle();
  }

  askAll(): Promise<unknown>[] {
    const calls = EXCHANGES.map(({ ask }) => ask(this.client));
    for (const call of calls) call.catch(() => undefined);
    return calls;
  }

  /** A connection that was given up says why, in words meant for it. */
  checkFailure(): void {
    const { latest } = this.server;
    const { lastFailure } = this.client;
    if (latest?.isGone !== true || lastFailure === undefined) return;
    if (lastFailure instanceof MalformedPacketError || lastFailure.constructor === Error) return;
    throw lastFailure;
  }

  /** The server goes away, and one that is sane takes its place, unless garbage has said that the session is gone. */
  async recover(): Promise<void> {
    if (this.client.state === 'expired') return;
    this.server.latest?.cut();
    for (let tries = 0; tries < 3 && !this.#isConnected(); tries++) {
      const { count } = this.server;
      for (let waitedMs = 0; waitedMs < 3 * SESSION_TIMEOUT_MS && this.server.count === count; waitedMs += 500)
        await this.runtime.advance(500);
      await this.connect(HANDSHAKE);
    }
    if (!this.#isConnected()) throw new Error(`${this.client.state} after a good handshake`);
  }

  async close(): Promise<void> {
    const closed = this.client.close();
    this.server.latest?.cut();
    await closed;
    if (this.runtime.pendingTimers > 0) throw new Error('timers of a closed handle');
  }

  #isConnected(): boolean {
    return this.client.state === 'connected';
  }
}
