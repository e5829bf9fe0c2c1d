import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testZooKeeper, type Teardown } from '@drover/testing';
import test from 'ava';
import { devCluster, WITH_API } from './dev-cluster.js';
import { documents, drover, ended, start } from './drover.js';

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { spanId: string }[];
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/** A receiver of OTLP over HTTP on loopback. */
async function receiver(t: Teardown) {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

const NO_API: { leader: { api?: string } } = { leader: {} };

const attributeOf = ({ attributes }: Span, name: string): unknown => {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue;
};

test('a trace leads from a command to the program that it started; the log of what failed is kept', async (t) => {
  const { endpoint, spans } = await receiver(t);
  const { connect } = await testZooKeeper(t);
  const env = { DROVER_ZK: connect, DROVER_API_LISTEN: '127.0.0.1:0' };
  const members = [
    start(['scheduler', '--id', 's1', '--otlp-endpoint', endpoint], { env }),
    start(['worker', '--name', 'w1', '--builtin', 'shell', '--otlp-endpoint', endpoint], { env }),
  ];
  const over = members.map((member) => ended(member));
  t.teardown(() => members.forEach((member) => member.kill('SIGKILL')));
  const caller = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const shell = (script: string, ...more: string[]) =>
    drover(
      ['submit', 'shell', '--payload', JSON.stringify({ argv: ['sh', '-c', script] }), '--max-attempts', '1', ...more],
      { env: { ...env, TRACEPARENT: caller } },
    );
  const traced = await shell('echo $TRACEPARENT', '--wait', '--json', '--otlp-endpoint', endpoint);
  t.is(traced.code, 0, traced.stderr);
  const [{ id, result } = {}] = documents(traced.stdout) as { id: string; result: { output: string } }[];

  const failed = await shell('echo one; echo two >&2; exit 3', '--wait', '--json');
  t.is(failed.code, 1, failed.stderr);
  const [{ id: failedId } = {}] = documents(failed.stdout) as { id: string }[];
  const shown = await drover(['get', failedId ?? '', '--json'], { env });
  t.like(documents(shown.stdout)[0], { history: [{ outcome: 'failed', log: ['one', 'two'] }] });
  t.regex((await drover(['get', failedId ?? ''], { env })).stdout, /^Log +one\n +two$/m);

  // The API begins after the scheduler takes part.
  let api: string | undefined;
  while (api === undefined)
    [{ leader: { api } } = NO_API] = documents(
      (await drover(['status', '--json'], { env })).stdout,
    ) as (typeof NO_API)[];
  const task = JSON.stringify({ type: 'nobody', payload: null });
  const headers = { traceparent: caller, 'content-type': 'application/json' };
  t.is((await fetch(`${api}/v1/tasks`, { method: 'POST', headers, body: task })).status, 201);

  for (const member of members) member.kill('SIGTERM');
  await Promise.all(over);
  const [submit, process] = ['submit default', 'process default'].map((name) =>
    spans.find((span) => span.name === name)!,
  );
  t.is(submit?.parentSpanId, '00f067aa0ba902b7');
  t.is(submit?.traceId, '4bf92f3577b34da6a3ce929d0e0e4736');
  t.is(attributeOf(submit!, 'messaging.message.id'), id);
  t.deepEqual(
    process?.links?.map(({ spanId }) => spanId),
    [submit?.spanId],
  );
  t.is(attributeOf(process!, 'drover.task.outcome'), 'succeeded');
  t.is(result?.output, `00-${process?.traceId}-${process?.spanId}-01\n`);
  t.is(spans.filter(({ name }) => name === 'process default').length, 1, 'the other task was not traced');
  t.true(spans.some(({ name }) => name === 'takeover'));
  const report = spans.find(({ name }) => name === 'report default');
  t.deepEqual(
    report?.links?.map(({ spanId }) => spanId),
    [process?.spanId],
  );
  const request = spans.find(({ name }) => name === 'POST /v1/tasks');
  t.is(request?.parentSpanId, '00f067aa0ba902b7');
  t.true(spans.some(({ name, parentSpanId }) => name === 'submit default' && parentSpanId === request?.spanId));
});

test('a run is followed through the API; later its stored end is shown, or why there is none', async (t) => {
  const { here } = await devCluster(t, ['--schedulers', '1', '--workers', '1'], WITH_API);
  // The API begins after the scheduler takes part.
  for (let api: string | undefined; api === undefined;) {
    const [status] = documents((await here('status', '--json')).stdout) as { leader: { api?: string } | null }[];
    api = status?.leader?.api;
  }
  const submit = async (script: string, ...more: string[]): Promise<string> => {
    const payload = JSON.stringify({ argv: ['sh', '-c', script] });
    const { stdout, stderr, code } = await here('submit', 'shell', '--payload', payload, '--json', ...more);
    t.is(code, 0, stderr);
    return (documents(stdout)[0] as { id: string }).id;
  };
  const lines = async (...args: string[]): Promise<Record<string, unknown>[]> => {
    const { stdout, stderr, code } = await here('logs', ...args, '--json');
    t.is(code, 0, stderr);
    return documents(stdout);
  };
  const id = await submit('echo one; sleep 1; echo two');
  const [source, ...followed] = await lines(id, '-f');
  t.like(source, { source: 'worker', attempt: 1, worker: 'w1', why: null });
  t.deepEqual(followed.map(({ seq, level, text }) => [seq, level, text]), [[1, 'output', 'one'], [2, 'output', 'two']]); // prettier-ignore
  t.like(await lines(id), [{ source: 'worker' }, { text: 'one' }, { text: 'two' }]);
  const none = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';
  t.is((await here('logs', none)).code, 1);
});
