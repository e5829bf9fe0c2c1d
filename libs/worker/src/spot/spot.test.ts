import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { InvalidArgumentError } from '@drover/core';
import { silentLog, type Log } from '@drover/observability';
import { systemRuntime } from '@drover/runtime';
import { ManualRuntime } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { CLOUD_METADATA, type Cloud, type SpotNotice } from './clouds.js';
import { askOf } from './metadata.js';
import { parseSpot } from './spot-source.js';
import { SpotWatch } from './spot-watch.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A metadata service; returns its URL. */
async function service(t: ExecutionContext, answer: Answer): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function look(t: ExecutionContext, cloud: Cloud, answer: Answer, now = 0): Promise<SpotNotice | null> {
  const ask = askOf(await service(t, answer), new AbortController().signal);
  return CLOUD_METADATA[cloud].look(ask, now);
}

const UNTIL = '2026-01-01T00:02:00Z';

/** As version 2 of the service: nothing without a token. */
function aws(action: string | null): Answer {
  return (request, response) => {
    if (request.method === 'PUT' && request.url === '/latest/api/token') {
      response.end(request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined ? '' : 'secret');
    } else if (request.headers['x-aws-ec2-metadata-token'] !== 'secret') response.writeHead(401).end();
    else if (request.url !== '/latest/meta-data/spot/instance-action' || action === null) response.writeHead(404).end();
    else response.end(action);
  };
}

test('AWS: no action, and one with its time; the token is asked for', async (t) => {
  t.is(await look(t, 'aws', aws(null)), null);
  const action = JSON.stringify({ action: 'terminate', time: UNTIL });
  t.deepEqual(await look(t, 'aws', aws(action)), { until: Date.parse(UNTIL) });
});

test('AWS: an answer that is none is told', async (t) => {
  await t.throwsAsync(look(t, 'aws', aws('<html>')), { message: 'expected JSON of the metadata service' });
  await t.throwsAsync(look(t, 'aws', aws('{"time":"soon"}')), { message: 'expected a time of the metadata service' });
  const broken = look(t, 'aws', (_, response) => response.writeHead(500).end());
  await t.throwsAsync(broken, { message: /answered 500$/ });
});

test('GCP: thirty seconds from the word TRUE; only with its header', async (t) => {
  const gcp =
    (value: string): Answer =>
    (request, response) => {
      if (request.headers['metadata-flavor'] !== 'Google') response.writeHead(403).end();
      else response.end(request.url === '/computeMetadata/v1/instance/preempted' ? value : 'FALSE');
    };
  t.is(await look(t, 'gcp', gcp('FALSE')), null);
  t.deepEqual(await look(t, 'gcp', gcp('TRUE\n'), 5_000), { until: 35_000 });
});

test('Azure: only events that end this machine', async (t) => {
  const azure =
    (events: unknown[]): Answer =>
    (request, response) => {
      if (request.headers.metadata !== 'true') response.writeHead(400).end();
      else if (request.url?.startsWith('/metadata/instance/compute/name') === true) response.end('vm-1');
      else response.end(JSON.stringify({ DocumentIncarnation: 1, Events: events }));
    };
  const event = { EventId: '1', EventType: 'Preempt', Resources: ['vm-1'], NotBefore: 'Thu, 01 Jan 2026 00:02:00 GMT' };
  t.is(await look(t, 'azure', azure([])), null);
  t.is(await look(t, 'azure', azure([{ ...event, Resources: ['vm-2'] }])), null);
  t.is(await look(t, 'azure', azure([{ ...event, EventType: 'Freeze' }])), null);
  t.deepEqual(await look(t, 'azure', azure([event])), { until: Date.parse(UNTIL) });
  t.deepEqual(await look(t, 'azure', azure([{ ...event, NotBefore: '' }]), 7), { until: 7 });
});

test('a watch tells of a notice once, of an earlier time, and when it is withdrawn', async (t) => {
  const told: (number | null)[] = [];
  let action: string | null = null;
  let answered = (): void => undefined;
  const runtime = new ManualRuntime();
  const base = await service(t, (request, response) => {
    aws(action)(request, response);
    if (request.method === 'GET') response.on('close', () => answered());
  });
  const watch = new SpotWatch({
    ...{ runtime, log: silentLog, source: parseSpot('spot', base) },
    onNotice: (notice) => told.push(notice?.until ?? null),
  });
  /** The watch has heard the answer when it waits for the next look. */
  const next = async (time: string | null): Promise<void> => {
    action = time === null ? null : JSON.stringify({ action: 'stop', time });
    while (runtime.pendingTimers === 0) await new Promise((resolve) => systemRuntime.soon(() => resolve(null)));
    const asked = new Promise<void>((resolve) => (answered = resolve));
    await runtime.advance(1_000);
    await asked;
    while (runtime.pendingTimers === 0) await new Promise((resolve) => systemRuntime.soon(() => resolve(null)));
  };
  await next(null);
  t.deepEqual(told, []);
  await next(UNTIL);
  await next(UNTIL);
  t.deepEqual(told, [Date.parse(UNTIL)]);
  await next('2026-01-01T00:01:00Z');
  await next(null);
  t.deepEqual(told, [Date.parse(UNTIL), Date.parse('2026-01-01T00:01:00Z'), null]);
  watch.close();
  t.is(runtime.pendingTimers, 0);
});

test('a service that is silent is told once, and nothing is concluded from it', async (t) => {
  const runtime = new ManualRuntime();
  const events: string[] = [];
  const log = { ...silentLog, event: (name: string) => void events.push(name) } as unknown as Log;
  const source = { cloud: 'aws' as const, base: await service(t, (_, response) => response.writeHead(503).end()) };
  const watch = new SpotWatch({ runtime, log, source, onNotice: () => t.fail('a notice out of nothing') });
  for (let looks = 0; looks < 3; looks++) {
    while (runtime.pendingTimers === 0) await new Promise((resolve) => systemRuntime.soon(() => resolve(null)));
    await runtime.advance(1_000);
  }
  watch.close();
  t.deepEqual(events, ['spot.unknown']);
});

test('where the service is', (t) => {
  t.deepEqual(parseSpot('spot', 'aws'), { cloud: 'aws', base: 'http://169.254.169.254' });
  t.deepEqual(parseSpot('spot', 'gcp'), { cloud: 'gcp', base: 'http://metadata.google.internal' });
  t.deepEqual(parseSpot('spot', 'azure=http://127.0.0.1:80/'), { cloud: 'azure', base: 'http://127.0.0.1' });
  t.deepEqual(parseSpot('spot', 'http://127.0.0.1:8080'), { cloud: 'aws', base: 'http://127.0.0.1:8080' });
  for (const given of ['', 'oracle', 'gcp=', 'ftp://x', 'http://a/b', 'aws=nowhere', 5])
    t.throws(() => parseSpot('spot', given), { instanceOf: InvalidArgumentError });
});
