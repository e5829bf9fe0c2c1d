import type { ProxyFrame } from '@drover/testing';
import test from 'ava';
import { failure, reaches } from '../../src/conformance/law.js';
import type { ProtocolClient } from '../../src/index.js';
import { faultWorld } from './fault-world.js';

// One after the other, and alone in their process: a stall is one for every test that runs beside it.

/** A stall lasts for two of them. */
const BRIEF = { sessionTimeoutMs: 1_500 } as const;

/** Blocks the event loop, as a handler that computes would, until the server has surely given the session away. */
function stall(zk: ProtocolClient): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * zk.sessionTimeoutMs + 600);
}

const isRequest = ({ direction, op }: ProxyFrame): boolean =>
  direction === 'request' && op !== 'ping' && op !== 'connect';

test.serial('stalled for two session timeouts: what a ghost leader asks afterwards is not written', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t, BRIEF);
  await zk.create('/epoch', 'mine');
  await zk.create('/leader', '', { mode: 'ephemeral' });
  const written: string[] = [];
  proxy.observe((frame) => {
    if (isRequest(frame)) written.push(frame.op);
  });
  stall(zk);
  t.true(zk.leaseMs() <= 0);
  const plain = failure(zk.create('/plain'), 'CONNECTION_LOSS');
  const fenced = failure(
    zk.multi([
      { op: 'check', path: '/epoch', version: 0 },
      { op: 'create', path: '/fenced' },
    ]),
    'CONNECTION_LOSS',
  );
  for (const { outcome } of await Promise.all([plain, fenced])) t.is(outcome, 'not-applied');
  await reaches(zk, 'expired');
  t.deepEqual(written, []);
  t.deepEqual(await witness.children('/'), ['epoch']);
});

test.serial('what was asked before the stall, and was not on the wire yet, is not written either', async (t) => {
  const { zk, witness, proxy } = await faultWorld(t, BRIEF);
  await zk.create('/leader', '', { mode: 'ephemeral' });
  const written: string[] = [];
  proxy.observe((frame) => {
    if (isRequest(frame)) written.push(frame.op);
  });
  const queued = failure(zk.create('/queued'), 'CONNECTION_LOSS');
  stall(zk);
  t.is((await queued).outcome, 'not-applied');
  await reaches(zk, 'expired');
  t.deepEqual(written, []);
  t.deepEqual(await witness.children('/'), []);
});
