import { batchIds } from '@drover/core';
import test from 'ava';
import { ApiWorld, type Answered, type Replica } from './support/api-world.js';

const ulid = batchIds(Date.now, Math.random);

/** The fields of answers that are looked at one by one. */
interface Doc {
  id: string;
  token: string;
  state: string;
  count: number;
  leader: { id: string } | null;
  workers: { accepting: number };
}
const docOf = ({ json }: { json: unknown }): Doc => json as Doc;

const handlers = {
  echo: (payload: unknown) => payload,
  fail: () => {
    throw new Error('no');
  },
};

/** A leader, a follower and a worker. */
async function two(world: ApiWorld): Promise<[leader: Replica, follower: Replica]> {
  const leader = await world.replica('s1');
  const follower = await world.replica('s2');
  await world.worker('w1', handlers, 64);
  await world.until(
    () => follower.get('/v1/overview'),
    (answer) => docOf(answer).leader?.id === 's1' && docOf(answer).workers.accepting === 1,
  );
  return [leader, follower];
}

test('any replica takes a submit, once for each key, and waits for its result', async (t) => {
  const world = await ApiWorld.create(t);
  const replicas = await two(world);
  const headers = { 'idempotency-key': ulid(), prefer: 'wait=30' };
  const submit = (replica: Replica) => replica.send('POST', '/v1/tasks', { type: 'echo', payload: { n: 1 } }, headers);
  const answers = await Promise.all([...replicas, ...replicas].map(submit));
  for (const answer of answers) t.like(answer, { status: 200, json: { state: 'succeeded', result: { n: 1 } } });
  t.is(new Set(answers.map((answer) => docOf(answer).id)).size, 1);
  t.is(answers.filter((answer) => answer.headers.get('idempotent-replay') === null).length, 1);
  const [, follower] = replicas;
  const { id } = docOf(answers[0] ?? { json: null });
  t.like((await follower.get(`/v1/tasks/${id}/result`)).json, { state: 'succeeded' });
  const other = await follower.send(
    'POST',
    '/v1/tasks',
    { type: 'echo' },
    { 'idempotency-key': headers['idempotency-key'] },
  );
  t.like(other, { status: 422, json: { code: 'idempotency-mismatch' } });
  const batch = ulid();
  const put = (replica: Replica) =>
    replica.send('PUT', `/v1/batches/${batch}`, { tasks: [{ type: 'echo' }, { type: 'echo' }] });
  t.deepEqual((await Promise.all(replicas.map(put))).map(({ status }) => status).sort(), [200, 201]);
  t.like(await follower.send('POST', '/v1/tasks', { type: 'echo', dealy: 1 }), {
    status: 400,
    json: { code: 'invalid-argument' },
  });
});

test('a number that JavaScript cannot hold is refused in every way to submit, and nothing of it is submitted', async (t) => {
  const world = await ApiWorld.create(t);
  const replica = await world.replica('s1');
  const send = async (path: string, type: string, body: string): Promise<string> => {
    const answer = await fetch(replica.url + path, { method: 'POST', headers: { 'content-type': type }, body });
    return `${answer.status} ${await answer.text()}`;
  };
  const task = (n: string): string => `{"type":"echo","payload":{"n":${n}}}`;
  const refused = /the number 9007199254740993 would be read as 9007199254740992; write it as text/;
  t.regex(await send('/v1/tasks', 'application/json', task('9007199254740993')), /^400 .*invalid-argument/);
  for (const [path, type, body] of [
    ['/v1/tasks', 'application/json', task('9007199254740993')],
    ['/v1/batches', 'application/json', `{"tasks":[${task('1')},${task('9007199254740993')}]}`],
    ['/v1/batches', 'application/x-ndjson', `${task('9007199254740993')}\n`],
  ] as const)
    t.regex(await send(path, type, body), refused);
  t.regex(await send('/v1/tasks', 'application/json', task('1e400')), /^400 .*would be read as Infinity/);
  t.regex(await send('/v1/tasks', 'application/json', '{"type"'), /^400 .*the body is not JSON/);
  t.regex(await send('/v1/tasks', 'application/json', '{"type":"echo","payload":{"__proto__":{}}}'), /^400 /);
  t.regex(await send('/v1/tasks', 'application/json', task('"9007199254740993"')), /^201 /);
});

test('whoever changes something sees it in the next answer of the same replica', async (t) => {
  const world = await ApiWorld.create(t);
  const replicas = await two(world);
  // A queue without tasks and settings is not there.
  await replicas[0].send('POST', '/v1/tasks', { type: 'nobody', queue: 'mail' });
  for (const replica of replicas)
    for (const paused of [true, false, true, false]) {
      await replica.get('/v1/queues');
      const how = paused ? 'pause' : 'resume';
      t.is((await replica.send('POST', `/v1/queues/mail/${how}`, { reason: 'to see it' })).status, 200);
      t.like((await replica.get('/v1/queues/mail')).json, { paused }, `${replica.id} ${how}`);
    }
  for (const replica of replicas) {
    await replica.get('/v1/workers');
    t.is((await replica.send('POST', '/v1/workers/w1/drain', {})).status, 200);
    t.like((await replica.get('/v1/workers/w1')).json, { state: 'draining' });
    t.is((await replica.send('POST', '/v1/workers/w1/undrain', {})).status, 200);
    t.like((await replica.get('/v1/workers/w1')).json, { state: 'accepting' });
  }
});

test('a stream of lines is answered while it is sent', async (t) => {
  const world = await ApiWorld.create(t);
  const [, follower] = await two(world);
  let goOn = (): void => undefined;
  const answered = new Promise<void>((resolve) => (goOn = resolve));
  const body = new ReadableStream<Uint8Array>({
    async start(stream) {
      const send = (text: string): void => stream.enqueue(new TextEncoder().encode(`${text}\n`));
      send('{"type":"echo","payload":0}');
      await answered;
      for (let n = 1; n < 5_000; n++) send(JSON.stringify({ type: 'echo', payload: n }));
      send('{"type":');
      stream.close();
    },
  });
  const headers = { 'content-type': 'application/x-ndjson' };
  const reply = await fetch(`${follower.url}/v1/batches`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  });
  t.is(reply.status, 200);
  let text = '';
  const reader = (reply.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream());
  for await (const piece of reader as unknown as AsyncIterable<string>) {
    text += piece;
    // The first line is answered although the others are not sent yet.
    goOn();
  }
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; id?: string; error?: object });
  t.deepEqual(
    lines.map(({ line }) => line),
    Array.from({ length: 5_001 }, (_, n) => n + 1),
  );
  t.like(lines.at(-1), { error: { code: 'invalid-argument' } });
  const last = await follower.get(`/v1/tasks/${lines[4_999]?.id}/result?wait=30`);
  t.like(last.json, { result: 4_999 });
});

test('a bulk action that is asked of a follower runs at the leader', async (t) => {
  const world = await ApiWorld.create(t);
  const [, follower] = await two(world);
  const tasks = Array.from({ length: 1_200 }, () => ({ type: 'fail', maxAttempts: 1 }));
  await follower.send('POST', '/v1/batches', { tasks });
  const failed = (count: number) => (answer: Answered) => docOf(answer).count === count;
  await world.until(() => follower.get('/v1/tasks/count?q=state:failed'), failed(1_200));
  await follower.send('POST', '/v1/queues/default/pause', { reason: 'so that they stay' });
  const preview = await follower.send('POST', '/v1/bulk/preview', { action: 'retry', filter: 'state:failed' });
  t.like(preview.json, { count: 1_200, exact: true, byType: { fail: 1_200 } });
  const started = await follower.send('POST', '/v1/bulk', {
    token: docOf(preview).token,
    reason: 'again',
    rate: 'unlimited',
  });
  t.is(started.status, 202);
  const ended = await world.until(
    () => follower.get(`/v1/operations/${docOf(started).id}`),
    (answer) => docOf(answer).state !== 'running',
  );
  t.like(ended.json, { state: 'done', of: 1_200, done: 1_200, skipped: 0, failed: 0, reason: 'again' });
  await world.until(() => follower.get('/v1/tasks/count?q=state:failed'), failed(0));
  const again = await follower.send('POST', '/v1/bulk', { token: 'x', reason: 'r' });
  t.like(again, { status: 410, json: { code: 'preview-expired' } });
});
