import { parseRevision, ROUTES, schemas } from '@drover/api';
import test from 'ava';
import type * as z from 'zod';
import { ApiWorld, type Answered, type Doc } from './support/api-world.js';
import { openStream } from './support/read-stream.js';

const HANDLERS = {
  echo: (payload: unknown) => payload,
  fail: () => {
    throw new TypeError('cannot do 17 things');
  },
};

test('three replicas agree, and every address for reading answers as the table says', async (t) => {
  const world = await ApiWorld.create(t);
  const first = await world.replica('s1');
  await world.until(
    () => first.get('/v1/overview'),
    ({ json }) => json.leader?.id === 's1' && json.complete,
  );
  const others = [await world.replica('s2'), await world.replica('s3')];
  const all = [first, ...others];
  await world.worker('w1', HANDLERS);
  const drover = await world.client();
  const done = await drover.submit('echo', { a: 1 });
  const failed = await drover.submit('fail', null, { queue: 'bad', maxAttempts: 1 });
  const lost = await drover.submit('nobody', { a: [1] }, { queue: 'lost', priority: 3 });
  await done.result();
  await t.throwsAsync(failed.result());

  for (const replica of all) {
    const { headers, json } = await world.until(
      () => replica.get('/v1/overview'),
      ({ json: { tasks, attention, schedulers } }) =>
        tasks?.failed === 1 &&
        tasks.pending === 1 &&
        schedulers.length === 3 &&
        attention.some(({ code }) => code === 'type-unserved'),
    );
    t.is(headers.get('drover-answered-by'), replica.id);
    t.is(headers.get('drover-leader'), 's1');
    t.is(parseRevision(headers.get('drover-revision') ?? '')?.epoch, json.leader?.epoch);
    t.is(json.tasks?.succeeded, 1);
    t.is(json.workers.slots, 4);
    const list = await replica.get('/v1/tasks?q=state:failed');
    t.deepEqual(
      list.json.items.map(({ id }) => id),
      [failed.id],
    );
    const full = await replica.get('/v1/tasks?view=full&limit=10');
    t.deepEqual(full.json.items.map(({ id }) => id).sort(), [done.id, failed.id, lost.id].sort());
    t.deepEqual(
      (await replica.get(`/v1/tasks/${lost.id}?payload=1`)).json,
      (await drover.get(lost.id, { payload: true })) as unknown as Doc,
    );
    const why = await replica.get(`/v1/tasks/${lost.id}/why`);
    t.is(why.json.reasons?.find(({ blocking }) => blocking)?.code, 'type-unserved');
    t.is((await replica.get('/v1/tasks/count?q=queue:lost')).json.count, 1);
    const groups = await world.until(
      () => replica.get('/v1/failures/groups'),
      ({ json: { items } }) => items.length > 0,
    );
    t.like(groups.json.items[0], {
      type: 'fail',
      error: 'TypeError',
      message: 'cannot do <n> things',
      count: 1,
      queues: ['bad'],
    });
    t.is((await replica.get('/v1/failures?q=queue:bad')).json.items[0]?.task, failed.id);
    t.is((await replica.get('/v1/dead')).json.items[0]?.error.name, 'TypeError');
  }

  await drover.accounts.set('lost', { weight: 2 });
  await drover.resources.set('lost', { total: 1 });
  await drover.pools.set('lost', { min: 1, template: { resources: { cpu: 1 } } });
  await world.until(
    () => first.get('/v1/scale/lost'),
    ({ status }) => status === 200,
  );
  const id = lost.id.split('.')[0] ?? '';
  const paths: Record<string, string> = { id: lost.id, name: 'lost', pool: 'lost' };
  const more: Record<string, string> = {
    getBatch: `/v1/batches/${id}`,
    getWorker: '/v1/workers/w1',
    getSeries: '/v1/timeseries?metric=pending&range=24h',
    getZnode: '/v1/znode?path=/queues',
  };
  const apart = new Set([
    'streamEvents',
    'login',
    'callback',
    'getLogs',
    'getSchedule',
    'getLimit',
    'getOperation',
    'getResult',
    'listOperations',
  ]);
  // A run, a group and a broadcast have tests of their own.
  const isApart = ({ name, path }: (typeof ROUTES)[number]): boolean =>
    apart.has(name) || /^\/v1\/(flows|groups|broadcasts)\/:/.test(path);
  for (const { name, method, path } of ROUTES.filter((route) => route.method === 'GET' && !isApart(route))) {
    const at = more[name] ?? path.replace(/:(\w+)/g, (_, parameter: string) => paths[parameter] ?? '');
    const { status } = await others[0]!.send(method, at);
    t.is(status, 200, `${name} at ${at}`);
  }
});

test('what is wrong in a request is named, with what was expected', async (t) => {
  const world = await ApiWorld.create(t);
  const { get, send, url } = await world.replica('s1');
  await world.until(
    () => get('/v1/tasks'),
    ({ status }) => status === 200,
  );
  const cases: [path: string, status: number, code: string, detail: RegExp][] = [
    ['/v1/tasks?limit=100000', 400, 'invalid-argument', /limit: expected a number of at most 500, got/],
    ['/v1/tasks?limt=5', 400, 'invalid-argument', /unknown parameter 'limt' in the query; did you mean 'limit'\?/],
    ['/v1/tasks?order=up', 400, 'invalid-argument', /order: expected one of "newest", "oldest", got "up"/],
    ['/v1/tasks?q=stat:x', 400, 'invalid-filter', /did you mean 'state'\?/],
    ['/v1/tasks?cursor=abc', 400, 'invalid-cursor', /begin the list anew/],
    ['/v1/tasks?view=full&limit=500', 400, 'invalid-argument', /at most 100 with view=full/],
    ['/v1/tasks/abc', 400, 'invalid-argument', /expected the id of a task/],
    ['/v1/tasks/01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', 404, 'task-not-found', /retention/],
    ['/v1/queues/nothing', 404, 'queue-not-found', /"nothing"/],
    ['/v1/workers/w9', 404, 'worker-not-found', /"w9"/],
    ['/v1/timeseries?metric=colour', 400, 'invalid-argument', /metric: expected one of/],
    ['/v1/znode?path=queues', 400, 'invalid-argument', /path of a znode/],
    ['/v1/znode?path=/access/tokens', 404, 'not-found', /shown to nobody/],
    ['/v1/events?topics=overviev', 400, 'invalid-argument', /did you mean 'overview'\?/],
    ['/v1/overview?after=x', 400, 'invalid-argument', /a revision such as/],
    ['/v1/nothing', 404, 'not-found', /openapi\.json/],
    ['/%E0%A4%A', 400, 'invalid-argument', /./],
  ];
  for (const [path, status, code, detail] of cases) {
    const answer = await get(path);
    t.like({ status: answer.status, code: answer.json.code }, { status, code }, path);
    t.regex(answer.json.detail, detail, path);
  }
  const wrongMethod = await send('DELETE', '/v1/overview');
  t.like(wrongMethod, { status: 405 });
  t.is(wrongMethod.headers.get('allow'), 'GET');
  const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
  t.is((await fetch(`${url}/v1/tasks/x/cancel`, broken)).status, 400);
  const typed = { ...broken, headers: { 'content-type': 'text/plain' }, body: 'x' };
  t.is((await fetch(`${url}/v1/tasks`, typed)).status, 415);
});

test('pages follow each other, a changed filter refuses their cursor, and an unchanged answer is not sent again', async (t) => {
  const world = await ApiWorld.create(t);
  const { get } = await world.replica('s1', { apiBasePath: '/drover' });
  const drover = await world.client();
  const ids: string[] = [];
  for await (const { id } of drover.submitMany(
    Array.from({ length: 23 }, (_, n) => ({ type: 'x', payload: n, queue: 'q' })),
  ))
    ids.push(id);
  await world.until(
    () => get('/v1/tasks/count?q=queue:q'),
    ({ json }) => json.count === 23,
  );
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { json } = await get(`/v1/tasks?q=queue:q&limit=10${cursor}`);
    seen.push(...json.items.map(({ id }) => id));
    if (json.next === null) break;
    cursor = `&cursor=${json.next}`;
    t.is((await get(`/v1/tasks?q=queue:p&limit=10${cursor}`)).json.code, 'invalid-cursor');
  }
  t.deepEqual(seen, ids.reverse());
  const batch = `/v1/batches/${ids[0]?.split('.')[0] ?? ''}`;
  const tag = (await get(batch)).headers.get('etag') ?? '';
  t.is((await get(batch, { 'if-none-match': tag })).status, 304);
  const overview = (await get('/v1/overview')).headers.get('etag') ?? '';
  await world.until(
    () => get('/v1/overview', { 'if-none-match': overview }),
    ({ status, headers }) => {
      if (status === 304) t.is(headers.get('etag'), overview);
      return status === 304;
    },
  );
  let revision = '';
  await world.until(
    async () => {
      revision = (await get('/v1/queues')).headers.get('drover-revision') ?? '';
      return get(`/v1/queues?after=${revision}&wait=0`);
    },
    ({ status }) => status === 304,
  );
  const waiting = get(`/v1/queues?after=${revision}&wait=20s`);
  await drover.submit('x', 1, { queue: 'other' });
  t.is((await waiting).status, 200);
  t.is((await get('/ui/')).status, 200);
  const root = await get('/', { accept: 'text/html' });
  t.deepEqual([root.status, root.headers.get('location')], [302, '/drover/ui/']);
});

test('a stream outlives its leader: it says reset, and nothing comes twice or out of order', async (t) => {
  const world = await ApiWorld.create(t);
  const first = await world.replica('s1');
  await world.until(
    () => first.get('/v1/overview'),
    ({ json }) => json.leader?.id === 's1',
  );
  const second = await world.replica('s2');
  const third = await world.replica('s3');
  await world.until(
    () => third.get('/v1/overview'),
    ({ json }) => json.revision !== null,
  );
  const told = await openStream(t, third.url, 'topics=overview,queues');
  const hello = await told.first(({ event }) => event === 'hello');
  t.notThrows(() => schemas.hello.parse(hello.data));
  await told.first(({ event }) => event === 'overview');
  await first.stop();
  const reset = await told.first(
    ({ event, id }) =>
      event === 'reset' && (parseRevision(id ?? '')?.epoch ?? 0) > (parseRevision(hello.id ?? '')?.epoch ?? 0),
  );
  const at = told.all.indexOf(reset);
  const overview = await told.first(
    ({ event, id }) => event === 'overview' && parseRevision(id ?? '')?.epoch === parseRevision(reset.id ?? '')?.epoch,
  );
  t.true(told.all.indexOf(overview) > at);
  const revisions = told.all.map(({ id }) => parseRevision(id ?? '')!);
  t.deepEqual(
    revisions,
    [...revisions].sort((a, b) => a.epoch - b.epoch || a.n - b.n),
  );
  const leads = await world.until(
    () => third.get('/v1/election'),
    (answer) => electionOf(answer).leader !== null && electionOf(answer).leader !== 's1',
  );
  t.is(electionOf(leads).changes[0]?.leader ?? null, electionOf(leads).leader);
  // Somebody who comes back with a place of the old leader hears that everything is new.
  const late = await openStream(t, second.url, 'topics=overview', { 'last-event-id': hello.id ?? '' });
  await late.first(({ event }) => event === 'reset');
});

test('without a leader it answers what it knows, and says so', async (t) => {
  const world = await ApiWorld.create(t);
  const replica = await world.replica('s1');
  await world.until(
    () => replica.get('/v1/overview'),
    ({ json }) => json.complete,
  );
  const drover = await world.client();
  const task = await drover.submit('x', null);
  await world.until(
    () => replica.get(`/v1/tasks/${task.id}/why`),
    ({ json }) => json.reasons?.[0]?.code === 'no-worker',
  );
  await replica.scheduler.stop();
  const overview = await world.until(
    () => replica.get('/v1/overview'),
    ({ json }) => json.leader === null,
  );
  t.is(overview.json.attention[0]?.code, 'no-leader');
  t.is(overview.json.tasks?.pending, 1);
  const list = await replica.get('/v1/tasks');
  t.like(list, { status: 503 });
  t.is(list.json.code, 'no-leader');
  t.truthy(list.headers.get('retry-after'));
  const why = await replica.get(`/v1/tasks/${task.id}/why`);
  t.is(why.json.reasons?.[0]?.code, 'no-leader');
});

test('a request that waits at a replica that stops is told so', async (t) => {
  const world = await ApiWorld.create(t);
  const replica = await world.replica('s1');
  await world.until(
    () => replica.get('/v1/overview'),
    ({ json }) => json.complete,
  );
  const task = await (await world.client()).submit('x', null);
  const waiting = replica.get(`/v1/tasks/${task.id}/result?wait=30s`);
  await replica.get(`/v1/tasks/${task.id}`);
  await replica.stop();
  const { status, json } = await waiting;
  t.like({ status, code: json.code }, { status: 503, code: 'stopping' });
});

const electionOf = ({ json }: Answered): z.output<typeof schemas.election> => schemas.election.parse(json);
