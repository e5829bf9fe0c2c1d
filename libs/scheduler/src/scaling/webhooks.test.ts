import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Advice } from '@drover/planner';
import { systemRuntime } from '@drover/runtime';
import { Changes } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { signatureOf, Webhooks } from './webhooks.js';

const SECRET = 'a secret of some characters';
const ADVICE: Advice = { pool: 'batch', wanted: 9, have: 4, coming: 5, remove: [], why: 'much waits', at: 1 };

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver that answers with these, and then always with the last one; 0: it hangs up. */
async function receiver(t: ExecutionContext, ...answers: readonly number[]) {
  const got: Got[] = [];
  const changes = new Changes();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const answer = answers[Math.min(got.length, answers.length - 1)] ?? 200;
      got.push({ headers: request.headers, body });
      if (answer === 0) request.socket.destroy();
      else response.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end();
      changes.wake();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}/scale`, secret: SECRET };
  return { target, got, until: (count: number) => changes.until(() => (got.length >= count ? got : undefined)) };
}

function webhooks(t: ExecutionContext) {
  const failed: string[] = [];
  let active = true;
  t.teardown(() => (active = false));
  const sender = new Webhooks({
    ...{ epoch: 3, runtime: systemRuntime, clock: { now: () => 1_234.5 } },
    log: { event: (_name: string, { reason }: { reason: string }) => failed.push(reason) },
    active: () => active,
    later: async () => Promise.resolve(active),
    broken: (error: unknown) => t.fail(String(error)),
  } as unknown as ConstructorParameters<typeof Webhooks>[0]);
  return { sender, failed };
}

test('advice is told until it is taken, with the same id, signed anew each time', async (t) => {
  const { target, until } = await receiver(t, 500, 0, 302, 204);
  const { sender, failed } = webhooks(t);
  sender.tell('batch', target, ADVICE);
  const got = await until(4);
  t.deepEqual(new Set(got.map(({ body }) => body)).size, 1);
  t.deepEqual(JSON.parse(got[0]?.body ?? ''), { id: '3-1', ...ADVICE });
  for (const { headers, body } of got) {
    t.is(headers['content-type'], 'application/json');
    t.is(headers['drover-time'], '1235');
    t.is(headers['drover-signature'], signatureOf(SECRET, '1235', body));
  }
  t.is(failed[0], 'it answered 500');
  t.is(failed[2], 'it answered 302');
  t.is(failed.length, 3);
});

test('newer advice takes the place of what has not arrived; pools do not wait for each other', async (t) => {
  const slow = await receiver(t, 503, 503, 200);
  const other = await receiver(t, 200);
  const { sender } = webhooks(t);
  sender.tell('batch', slow.target, ADVICE);
  sender.tell('batch', slow.target, { ...ADVICE, wanted: 12 });
  sender.tell('gpu', other.target, { ...ADVICE, pool: 'gpu' });
  const [last] = (await slow.until(3)).slice(-1);
  t.like(JSON.parse(last?.body ?? ''), { id: '3-2', wanted: 12 });
  t.like(JSON.parse((await other.until(1))[0]?.body ?? ''), { id: '3-3', pool: 'gpu' });
});

test('the signature is that of the text time.body by HMAC-SHA256, as any program makes it', (t) => {
  t.is(signatureOf('key', '1', '{}'), '1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224');
  t.not(signatureOf('key', '1', '{}'), signatureOf('key', '2', '{}'));
});
