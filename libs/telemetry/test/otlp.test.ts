import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Changes, type Teardown } from '@drover/testing';
import test from 'ava';
import { startTracing } from '../src/index.js';

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: { resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: { name: string }[] }[] }[] };
}

/** A receiver of OTLP over HTTP on loopback. */
async function receiver(t: Teardown, status = 200) {
  const received: Received[] = [];
  const changes = new Changes();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body'];
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      changes.wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const identity = { service: 'drover-worker', name: 'w1', version: '1.2.3' };

test('spans arrive at a receiver of OTLP, with who sent them', async (t) => {
  const { endpoint, received } = await receiver(t);
  const failures: string[] = [];
  const { provider, close } = await startTracing({
    ...identity,
    endpoint: `${endpoint}/`,
    onFailed: (why) => failures.push(why),
  });
  provider.getTracer('test').startSpan('process mail').end();
  await close();
  t.deepEqual(failures, []);
  t.is(received[0]?.path, '/v1/traces');
  const [{ resource, scopeSpans } = { resource: null, scopeSpans: [] }] = received[0]?.body.resourceSpans ?? [];
  t.deepEqual(
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    ['process mail'],
  );
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  for (const expected of [
    attribute('service.name', 'drover-worker'),
    attribute('service.instance.id', 'w1'),
    attribute('service.version', '1.2.3'),
  ])
    t.true(resource?.attributes.some((found) => JSON.stringify(found) === JSON.stringify(expected)));
});

test('a receiver that refuses spans is told, and ends nothing', async (t) => {
  const { endpoint } = await receiver(t, 400);
  const failures: string[] = [];
  const { provider, close } = await startTracing({ ...identity, endpoint, onFailed: (why) => failures.push(why) });
  provider.getTracer('test').startSpan('process mail').end();
  await close();
  t.true(failures.length > 0);
});
