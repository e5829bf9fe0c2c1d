import { flow } from '@drover/client';
import test from 'ava';
import { ApiWorld, type Answered, type Replica } from './support/api-world.js';
import { openStream } from './support/read-stream.js';

const greet = flow<{ name: string }>('greet', (f) => {
  const said = f.step('say', 'say', { name: f.input.name });
  const human = f.approve('sure?', { after: said });
  f.step('tell', 'say', { name: said.result as unknown }, { after: human.yes });
  return { said: said.result as unknown };
});
const sum = flow<number[]>('sum', (f) => {
  const mapped = f.map('double', 'double', f.input);
  return f.reduce('add', 'add', mapped, { arity: 2 }).result;
});
const HANDLERS = {
  say: ({ name }: { name: string }) => `hello ${name}`,
  double: (n: number) => {
    if (n === 13) throw new Error('unlucky');
    return 2 * n;
  },
  add: ({ results }: { results: number[] }) => results.reduce((all, each) => all + each, 0),
  report: () => 'reported',
};

const JSON_TYPE = { 'content-type': 'application/json' };
const docOf = ({ json }: Answered): Record<string, unknown> => json as unknown as Record<string, unknown>;
const runOf = (answer: Answered): string => String(docOf(answer).run);

async function setUp(t: Parameters<typeof ApiWorld.create>[0], flags: Record<string, unknown> = {}) {
  const world = await ApiWorld.create(t);
  const replica = await world.replica('s1', flags);
  const drover = await world.client();
  return { world, replica, drover };
}

const output = (replica: Replica, run: string, query = 'wait=30s'): Promise<Answered> =>
  replica.get(`/v1/flows/${run}/output?${query}`);

test('a run is started by its plan, once for a key, and gives its output and that of its steps', async (t) => {
  const { world, replica } = await setUp(t);
  await world.worker('w1', HANDLERS);
  const start = (body: object, headers = {}) => replica.send('POST', '/v1/flows', body, headers);
  const body = { plan: greet.plan, input: { name: 'Ada' }, queue: 'mail', reason: 'first' };
  const key = { 'idempotency-key': 'once' };
  const first = await start(body, key);
  t.like(first, { status: 201, json: { flow: 'greet', deduplicated: false } as never });
  const run = runOf(first);
  // It is found at once, whether the leader has read it or not.
  const seen = await replica.get(`/v1/flows/${run}`);
  t.like(seen, { status: 200, json: { run, flow: 'greet', queue: 'mail' } as never });
  t.true(['unknown', 'pending', 'waiting', 'running'].includes(String(docOf(seen).state)));
  t.like((await replica.get(`/v1/flows/${run}/plan`)).json, { name: 'greet' } as never);

  const again = await start(body, key);
  t.deepEqual([again.status, runOf(again), again.headers.get('idempotent-replay')], [200, run, 'true']);
  t.like(await start({ ...body, input: { name: 'Bob' } }, key), {
    status: 422,
    json: { code: 'idempotency-mismatch' },
  });

  t.like(await output(replica, run, ''), { status: 202 });
  const said = await world.until(
    () => output(replica, run, 'step=say'),
    ({ status }) => status === 200,
  );
  t.like(said.json, { run, step: 'say', state: 'succeeded', output: 'hello Ada' } as never);
  t.like(await replica.send('POST', `/v1/flows/${run}/signal`, { step: 'sure?', answer: 'yes' }), { status: 200 });
  t.like((await output(replica, run)).json, { run, state: 'succeeded', output: { said: 'hello Ada' } } as never);

  const unique = { ...body, unique: { key: 'k' } };
  const holder = runOf(await start(unique));
  t.like(await start(unique), { status: 200, json: { run: holder, deduplicated: true } as never });

  const { plan } = greet;
  const cycle = { ...plan, steps: { a: { kind: 'flow', of: [], after: { all: [{ step: 'a' }] } } } };
  const bad: [object, RegExp][] = [
    [{ plan: cycle }, /a → a/],
    [{ plan: { ...plan, steps: { a: { kind: 'nothing' } } } }, /flow 'greet' cannot be run: steps.a.kind/],
    [{ plan, priority: 'high' }, /priority/],
    [{ plan, deadline: 'soon' }, /deadline/],
    [{ plan: sum.plan, input: 3 }, /items of 'double'/],
    [{ plan, quue: 'mail' }, /quue/],
  ];
  for (const [given, message] of bad) {
    const { status, json } = await start(given);
    t.is(status, 400, JSON.stringify(json));
    t.regex(json.detail, message);
  }
});

test('a stream gives the items of a map, whose results come in pages; a bad line starts nothing', async (t) => {
  const { world, replica } = await setUp(t);
  await world.worker('w1', HANDLERS, 8);
  const stream = (...lines: unknown[]) =>
    fetch(`${replica.url}/v1/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
    });
  const answer = await stream({ plan: sum.plan }, ...Array.from({ length: 100 }, (_, n) => n + 100));
  t.is(answer.status, 201);
  const { run } = (await answer.json()) as { run: string };
  t.like((await output(replica, run)).json, { state: 'succeeded', output: 2 * (100 * 100 + 99 * 50) } as never);
  const page = docOf(await output(replica, run, 'step=double&limit=60'));
  t.deepEqual((page.items as number[]).slice(0, 3), [200, 202, 204]);
  const rest = docOf(await output(replica, run, `step=double&limit=60&cursor=${String(page.next)}`));
  t.deepEqual([(rest.items as number[]).length, rest.next], [40, null]);

  const bad = await stream({ plan: sum.plan }, 1, '{');
  t.like(await bad.json(), { code: 'invalid-argument', field: 'line 3' });
  const items = [1, 13];
  const failed = await replica.send('POST', '/v1/flows', { plan: sum.plan, items: { double: items }, limits: [] });
  const failure = await output(replica, runOf(failed));
  t.like(failure.json, { state: 'failed' } as never);
  t.false('output' in failure.json);
  const of = docOf(await output(replica, runOf(failed), 'step=double'));
  t.deepEqual(of.items, [2, { error: { name: 'Error', message: 'unlucky' } }]);
  t.is((await replica.get('/v1/flows')).json.items.length, 2, 'the bad stream started nothing');
});

test('a group is opened, grows, is closed, and is listed; others are no groups', async (t) => {
  const { world, replica } = await setUp(t);
  await world.worker('w1', HANDLERS);
  const opened = await replica.send('POST', '/v1/groups', { type: 'double', onEnd: 'report', queue: 'mail' });
  t.is(opened.status, 201);
  const run = runOf(opened);
  const once = { 'idempotency-key': '01KAYV9Q3M8R5T7W2X4Z6B8D0G' };
  const open = (body: object, headers = {}) => replica.send('POST', '/v1/groups', body, headers);
  const first = await open({ type: 'double', onEnd: 'report', queue: 'once' }, once);
  t.is(first.status, 201, JSON.stringify(first.json));
  t.like(await open({ type: 'double', onEnd: 'report', queue: 'once' }, once), {
    status: 200,
    json: { run: runOf(first) } as never,
  });
  for (const wrong of [{ types: 'resize' }, { onEnd: null }, { onEnd: { type: 'report', queue: 'mail' } }])
    t.is((await open({ type: 'double', onSuccess: 'report', ...wrong })).status, 400, JSON.stringify(wrong));
  const again = await replica.send('POST', `/v1/groups/${run}/tasks`, { tasks: [{ payload: 1 }] }, once);
  t.like(again, { status: 400 });
  t.like(await replica.send('POST', `/v1/groups/${run}/tasks`, { tasks: [{ payload: 1 }, { payload: 2 }] }), {
    status: 200,
    json: { run, added: 2 } as never,
  });
  const lines = await fetch(`${replica.url}/v1/groups/${run}/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"payload":3}\n{"payload":4}\n',
  });
  t.like(await lines.json(), { added: 2 });
  t.like((await replica.get(`/v1/groups/${run}`)).json, { run, types: ['double'], open: true, of: null } as never);
  t.like(await replica.send('POST', `/v1/groups/${run}/close`, {}), { status: 200 });
  t.like(await replica.send('POST', `/v1/groups/${run}/tasks`, { tasks: [{}] }), { status: 409 });
  await output(replica, run);
  const ended = await world.until(
    () => replica.get(`/v1/groups/${run}`),
    ({ json }) => docOf({ json } as Answered).state === 'succeeded',
  );
  t.like(ended.json, { open: false, of: 4, done: 4, failed: 0 } as never);
  t.like(docOf(ended).callbacks, { onEnd: { state: 'succeeded' } });
  const other = await replica.send('POST', '/v1/flows', { plan: greet.plan, input: {} });
  t.deepEqual(
    (await replica.get('/v1/groups?queue=mail')).json.items.map((each) => (each as unknown as { run: string }).run),
    [run],
  );
  t.like(await replica.send('POST', `/v1/groups/${runOf(other)}/close`, {}), { json: { code: 'group-not-found' } });
});

test('broadcasts: started once for a key, listed, looked at, cancelled; streams tell of runs and of broadcasts', async (t) => {
  const { world, replica } = await setUp(t);
  for (const name of ['w1', 'w2', 'w3']) await world.worker(name, HANDLERS);
  const told = await openStream(t, replica.url, 'topics=flows,broadcasts', {});
  const key = { 'idempotency-key': 'b1' };
  const body = { type: 'report', payload: { n: 1 }, joiners: '10m', reason: 'test' };
  const start = (given: object, headers = {}) => replica.send('POST', '/v1/broadcasts', given, headers);
  const first = await start(body, key);
  t.is(first.status, 201);
  const id = first.json.id;
  t.like(await start(body, key), { status: 200, json: { id } });
  t.is((await start({ ...body, payload: 2 }, key)).json.code, 'idempotency-mismatch');
  t.like(await start({ ...body, delay: '1m' }), { status: 400 });
  const all = await world.until(
    () => replica.get(`/v1/broadcasts/${id}`),
    ({ json }) => {
      const { counts, reached } = docOf({ json } as Answered);
      return (counts as { succeeded: number }).succeeded === 3 && reached !== null;
    },
  );
  t.like(all.json, { id, state: 'open', type: 'report', payload: { n: 1 }, by: 'anybody', reason: 'test' } as never);
  const page = (await replica.get(`/v1/broadcasts/${id}/workers?limit=2`)).json;
  const rest = (await replica.get(`/v1/broadcasts/${id}/workers?limit=2&cursor=${page.next ?? ''}`)).json;
  const workers = [...page.items, ...rest.items] as unknown as { worker: string; result: unknown }[];
  t.deepEqual(
    workers.map(({ worker, result }) => [worker, result]),
    ['w1', 'w2', 'w3'].map((name) => [name, 'reported']),
  );
  const listed = await world.until(
    () => replica.get('/v1/broadcasts?state=open&type=report'),
    ({ json }) => (json.items[0] as unknown as { counts: { succeeded: number } }).counts.succeeded === 3,
  );
  const { payload: _payload, ...shown } = docOf(all);
  t.deepEqual(listed.json.items, [shown as never]);
  t.deepEqual((await replica.get('/v1/broadcasts?state=finished')).json.items, []);
  await told.first(({ event, data }) => event === 'broadcasts' && JSON.stringify(data).includes(id));

  t.like(await replica.send('POST', `/v1/broadcasts/${id}/cancel`, {}), { status: 200 });
  await world.until(
    () => replica.get('/v1/broadcasts?state=finished'),
    ({ json }) => json.items.length === 1,
  );
  t.is((await replica.send('POST', `/v1/broadcasts/${id}/cancel`, {})).json.code, 'conflict');
  t.is((await replica.get('/v1/broadcasts/01JZ8Q6T7M3N5R2V4X6Y8Z0A1B')).json.code, 'broadcast-not-found');

  const run = runOf(await replica.send('POST', '/v1/flows', { plan: greet.plan, input: { name: 'x' } }, JSON_TYPE));
  const changed = await told.first(({ event }) => event === 'flows');
  t.deepEqual(changed.data, { changed: [run.split('.')[0]], more: 0 });
});

test('callers act in their queues alone, in those of every step, and see no results without the right to', async (t) => {
  const { world, replica, drover } = await setUp(t, { apiAuth: 'token' });
  await world.worker('w1', HANDLERS);
  const token = async (roles: string[], queues?: string[]) => {
    const { secret } = await drover.tokens.create({ name: 'ada', roles: roles as never, ...(queues && { queues }) });
    const headers = { authorization: `Bearer ${secret}` };
    // The replica hears of it from ZooKeeper.
    await world.until(
      () => replica.get('/v1/overview', headers),
      ({ status }) => status !== 401,
    );
    return headers;
  };
  const scoped = await token(['operator'], ['mail']);
  const viewer = await token(['viewer']);
  const plan = (queue?: string) => ({
    ...{ v: 1, name: 'one' },
    steps: { a: { kind: 'task', type: 'report', input: null, ...(queue && { options: { queue } }) } },
    output: { $step: 'a', at: [] },
  });
  const start = (body: object, who: object) => replica.send('POST', '/v1/flows', body, who as never);
  t.is((await start({ plan: plan() }, viewer)).status, 403);
  t.is((await start({ plan: plan() }, scoped)).status, 403, 'the default queue');
  t.is((await start({ plan: plan('images'), queue: 'mail' }, scoped)).status, 403, 'a step of another queue');
  const own = await start({ plan: plan(), queue: 'mail' }, scoped);
  t.is(own.status, 201);
  t.is((await replica.get(`/v1/flows/${runOf(own)}/output`, scoped)).status, 403, 'no payloads');
  const other = await drover.start(
    flow('x', (f) => f.step('a', 'report', null).result),
    null,
    { queue: 'images' },
  );
  const payloads = await token(['viewer', 'payloads'], ['mail']);
  t.is((await replica.get(`/v1/flows/${other.id}/output`, payloads)).json.code, 'run-not-found');
  t.like((await replica.get(`/v1/flows/${runOf(own)}/output?wait=30`, payloads)).json, { output: 'reported' } as never);
  // Keys are those of all queues.
  for (const [path, body] of [
    ['/v1/flows', { plan: plan(), queue: 'mail', unique: { key: 'k' } }],
    ['/v1/groups', { type: 'report', onEnd: 'report', queue: 'mail', unique: { key: 'k' } }],
    ['/v1/broadcasts', { type: 'report', queue: 'mail', key: 'k' }],
  ] as const)
    t.like(await replica.send('POST', path, body, scoped as never), { status: 403 }, path);
  const broadcast = (queue: string, who: object) =>
    replica.send('POST', '/v1/broadcasts', { type: 'report', queue }, who as never);
  t.is((await broadcast('images', scoped)).status, 403);
  const { json } = await broadcast('mail', scoped);
  t.is((await replica.get(`/v1/broadcasts/${json.id}`, await token(['viewer'], ['images']))).status, 404);
  t.false('payload' in (await replica.get(`/v1/broadcasts/${json.id}`, viewer)).json);
  const admin = await token(['admin']);
  const audit = await world.until(
    () => replica.get('/v1/audit', admin),
    ({ json: { items } }) => JSON.stringify(items).includes(json.id),
  );
  t.regex(JSON.stringify(audit.json.items), /startRun/);
});

test('without a leader a run is what its znodes say', async (t) => {
  const { world, replica, drover } = await setUp(t);
  await world.worker('w1', HANDLERS);
  const done = await drover.start(
    flow('x', (f) => f.step('a', 'report', null).result),
    null,
  );
  t.is(await done.result(), 'reported');
  const waiting = await drover.start(greet, { name: 'x' });
  await world.until(
    () => replica.get(`/v1/flows/${waiting.id}`),
    ({ json }) => docOf({ json } as Answered).state === 'running',
  );
  const follower = await world.replica('s2');
  await replica.stop();
  await follower.scheduler.stop();
  const shown = await world.until(
    () => follower.get(`/v1/flows/${done.id}`),
    ({ status, json }) => status === 200 && JSON.stringify(docOf({ json } as Answered).steps) === '{}',
  );
  t.like(shown.json, { run: done.id, state: 'succeeded' } as never);
  t.like((await follower.get(`/v1/flows/${waiting.id}`)).json, { state: 'unknown', endedAt: null } as never);
  t.like((await output(follower, done.id)).json, { output: 'reported' } as never);
});
