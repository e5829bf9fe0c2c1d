import { ROUTES, type Route } from '@drover/api';
import test from 'ava';
import { HIDDEN, hiddenWorld, OWN, type HiddenWorld } from './support/two-queues.js';
import { openStream } from './support/read-stream.js';

/** A request, and the same about something that is not there, if there is such a thing. */
interface Probe {
  path: string;
  body?: unknown;
  twin?: { path: string; body?: unknown };
}

const NO_TASK = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0';
const NO_BATCH = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B';
const NOTHING = 'nothing-there';

/** Bodies of the routes that need one, for an object of that name. */
const BODIES: Readonly<Record<string, (world: HiddenWorld, name: string) => unknown>> = {
  signIn: () => ({ token: 'drv_0123456789_x' }),
  createToken: () => ({ name: 'x', roles: ['viewer'] }),
  previewBulk: (_world, name) => ({ action: 'cancel', filter: `queue:${name}` }),
  startBulk: (_world, name) => ({ token: `s1.${name}`, reason: 'r' }),
  submitTask: ({ hidden }, name) => ({ type: 't', queue: OWN, after: name === NOTHING ? NO_TASK : hidden.done }),
  submitBatch: ({ hidden }, name) => ({
    tasks: [{ type: 't', queue: OWN, after: [name === NOTHING ? NO_TASK : hidden.done] }],
  }),
  putBatch: () => ({ tasks: [{ type: 't', queue: OWN }] }),
  changeQueue: () => ({ settings: { weight: 2 } }),
  putSchedule: () => ({ spec: { when: { every: '1h' }, run: { type: 't', queue: OWN } } }),
  previewSchedule: (_world, name) => ({ spec: { when: { every: '1h' } }, name }),
  backfillSchedule: () => ({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T02:00:00Z', dryRun: true }),
  changeTask: () => ({ priority: 3 }),
  changeTasks: ({ hidden }, name) => ({
    tasks: [name === NOTHING ? NO_TASK : hidden.waiting],
    change: { priority: 3 },
  }),
  redriveDead: ({ hidden }, name) => ({ tasks: [name === NOTHING ? NO_TASK : hidden.failed] }),
  purgeDead: ({ hidden }, name) => ({ tasks: [name === NOTHING ? NO_TASK : hidden.failed] }),
  resetSchedule: () => ({ mark: 'now' }),
  applySchedules: () => ({
    schedules: [{ name: 'hidden-schedule', when: { every: '1h' }, run: { type: 't', queue: OWN } }],
  }),
  putCalendar: () => ({ dates: ['2026-12-25'] }),
  putAccount: () => ({ spec: { weight: 2 } }),
  changeAccount: () => ({ spec: { weight: 2 } }),
  putPool: () => ({ spec: { min: 1 } }),
  changePool: () => ({ spec: { min: 1 } }),
  scaleComing: () => ({ count: 1 }),
  putResource: () => ({ spec: { total: 1 } }),
  changeResource: () => ({ spec: { total: 1 } }),
  putLimit: () => ({ spec: { concurrency: 2 } }),
  holdLimit: () => ({ for: '1s' }),
  startRun: (_world, name) => ({
    plan: {
      v: 1,
      name: 'x',
      steps: { a: { kind: 'task', type: 't', input: null, options: { queue: name === NOTHING ? NOTHING : HIDDEN } } },
    },
  }),
  openGroup: (_world, name) => ({ type: 't', onEnd: 't', queue: name === NOTHING ? NOTHING : HIDDEN }),
  addToGroup: () => ({ tasks: [{ payload: 1 }] }),
  startBroadcast: (_world, name) => ({ type: 't', queue: name === NOTHING ? NOTHING : HIDDEN }),
  signalRun: () => ({ step: 'hidden-step', answer: 'yes' }),
};

/** Queries of routes, for an object of that name. */
const QUERIES: Readonly<Record<string, string>> = {
  getTask: 'payload=1',
  listTasks: 'view=full&limit=100',
  listQueues: 'limit=500',
  getSeries: `metric=pending&queue=:name`,
  getScaling: 'queue=:name',
  getZnode: 'path=/queues',
  callback: 'code=x&state=y',
  streamEvents: 'topics=task:::id',
};

/** Requests whose answers differ by their nature: the name that is not there is made. */
const MAKES = new Set(['putSchedule', 'applySchedules', 'putBatch']);

/** Every request of the route: about what is hidden, and about what is there for all. */
function probesOf({ name, path, body, query }: Route, world: HiddenWorld): Probe[] {
  const { hidden, operation } = world;
  const given = QUERIES[name];
  const ofTask = path.startsWith('/v1/tasks') || name === 'streamEvents';
  const ofRun = path.startsWith('/v1/flows') || path.startsWith('/v1/groups');
  const ids = ofRun
    ? [world.hiddenRun]
    : ofTask
      ? Object.values(hidden)
      : [path.startsWith('/v1/operations') ? operation : batchOf(hidden.done)];
  const named = path.startsWith('/v1/schedules')
    ? 'hidden-schedule'
    : /^\/v1\/(limits|accounts|pools|resources|scale\/)/.test(path)
      ? 'shared'
      : path.startsWith('/v1/workers')
        ? 'w1'
        : HIDDEN;
  const at = (id: string, thing: string): { path: string; body?: unknown } => {
    const filled = (text: string): string =>
      text
        .replaceAll(':id', id)
        .replaceAll(':run', id)
        .replaceAll(/:(name|pool)/g, thing);
    const json = body === undefined ? {} : { body: BODIES[name]?.(world, thing) ?? {} };
    return { path: filled(given === undefined ? path : `${path}?${given}`), ...json };
  };
  const isAbout = /:(id|run|name)/.test(`${path}?${given ?? ''}`) || body !== undefined;
  const found = ids.map((id): Probe => {
    const probe = at(id, named);
    const none = at(ofTask || ofRun ? NO_TASK : NO_BATCH, NOTHING);
    const isShared = named === 'shared' || named === 'w1';
    return isAbout && !isShared && !MAKES.has(name) ? { ...probe, twin: none } : probe;
  });
  const filtered =
    query !== undefined && 'q' in query.shape && name !== 'streamEvents'
      ? [{ path: `${path}?q=queue:${HIDDEN}`, twin: { path: `${path}?q=queue:${NOTHING}` } }]
      : [];
  const own = ofTask && path.includes(':id') && name.startsWith('get') ? Object.values(world.own) : [];
  return [...found, ...filtered, ...own.map((id): Probe => at(id, OWN))];
}

const batchOf = (id: string): string => id.split('.')[0] ?? '';

/** Routes that answer with a stream: what they tell is looked at elsewhere. */
const STREAMS = new Set(['streamEvents']);

test('a caller who is limited to queues learns nothing of another queue, at any address', async (t) => {
  const world = await hiddenWorld(t);
  const { replica, scoped, marks } = world;
  const send = async (method: string, { path, body }: Omit<Probe, 'twin'>) => {
    const isBody = body !== undefined;
    const answer = await fetch(replica.url + path, {
      ...{ method, redirect: 'manual' },
      headers: { authorization: `Bearer ${scoped}`, ...(isBody ? { 'content-type': 'application/json' } : {}) },
      ...(isBody ? { body: JSON.stringify(body) } : {}),
    });
    const isOpen = answer.ok && STREAMS.has(path.startsWith('/v1/events') ? 'streamEvents' : '');
    if (isOpen) await answer.body?.cancel();
    const text = isOpen ? '' : await answer.text();
    return { status: answer.status, text, headers: JSON.stringify([...answer.headers]) };
  };
  const faults: string[] = [];
  for (const route of ROUTES)
    for (const probe of probesOf(route, world)) {
      const what = `${route.name}: ${route.method} ${probe.path}`;
      const answer = await send(route.method, probe);
      const known = [probe.path, JSON.stringify(probe.body ?? '')].join(' ');
      const told = withoutGiven(answer.text + answer.headers, known);
      const leaked = marks.find((mark) => told.includes(mark));
      if (leaked !== undefined) faults.push(`${what} tells ${leaked}: ${answer.status} ${told}`);
      if (probe.twin === undefined) continue;
      const none = await send(route.method, probe.twin);
      const [shape, other] = [shapeOf(answer, probe), shapeOf(none, probe.twin)];
      if (shape !== other) faults.push(`${what} differs from what is not there: ${shape} / ${other}`);
    }
  t.deepEqual(faults, []);
});

/** The text without what the request itself said, longest first. */
function withoutGiven(text: string, given: string): string {
  const said = given.match(/hidden-queue|hidden-schedule|01[0-9A-Z]{24}(\.\d+)?/g) ?? [];
  return said.sort((a, b) => b.length - a.length).reduce((rest, each) => rest.replaceAll(each, ''), text);
}

/** Status and body, without the names that were given, times and ids of requests. */
function shapeOf({ status, text }: { status: number; text: string }, { path, body }: Omit<Probe, 'twin'>): string {
  const said = `${path} ${JSON.stringify(body ?? '')}`.match(
    /hidden-queue|hidden-schedule|nothing-there|s1\.[\w-]+|01[0-9A-Z]{24}(\.\d+)?/g,
  );
  const bare = (said ?? [])
    .sort((a, b) => b.length - a.length)
    .reduce((rest, each) => rest.replaceAll(each, '…'), text)
    .replace(/"requestId":"[^"]*"/, '')
    .replace(/"(at|asOf|expiresAt|due|nominal|token|id)":("[^"]*"|\d+)/g, '')
    .replace(/"revision":"[^"]*"/, '');
  return `${status} ${bare}`;
}

test('every route with a body is asked', (t) => {
  const bare = new Set(['withReason']);
  for (const { name, body } of ROUTES)
    if (body !== undefined && !body.json.safeParse({}).success && !bare.has(name)) t.true(name in BODIES, name);
});

test('a stream of such a caller tells nothing of another queue, and does not wake for it', async (t) => {
  const { world, replica, drover, scoped, admin, marks } = await hiddenWorld(t);
  const topics = 'topics=overview,queues,workers,schedulers,failures,schedules,operations';
  const headers = { authorization: `Bearer ${scoped}` };
  const told = await openStream(t, replica.url, topics, headers);
  const all = await openStream(t, replica.url, topics, { authorization: `Bearer ${admin}` });
  await told.first(({ event }) => event === 'overview');
  const revisionOf = async (): Promise<string | null> =>
    (await replica.send('GET', '/v1/queues', undefined, headers)).headers.get('drover-revision');
  const failHidden = async (): Promise<string> => {
    const task = await drover.submit('fail', 1, { queue: HIDDEN, maxAttempts: 1 });
    await task.result().catch(() => undefined);
    await all.first(({ event, data }) => event === 'failures' && JSON.stringify(data).includes(task.id));
    return task.id;
  };
  const hidden: string[] = [];
  let before: string | null;
  // Something of its own queue may still be under way at first, and is told meanwhile.
  do {
    before = await revisionOf();
    hidden.push(await failHidden());
  } while ((await revisionOf()) !== before && hidden.length < 5);
  t.is(await revisionOf(), before, 'the revision says that something happened');
  const own = await drover.submit('fail', 1, { queue: OWN, maxAttempts: 1 });
  await own.result().catch(() => undefined);
  const failures = await told.first(({ event, data }) => event === 'failures' && JSON.stringify(data).includes(own.id));
  t.is((failures.data as { dropped: number }).dropped, 0);
  for (const line of told.all)
    for (const mark of [...marks, ...hidden]) t.false(JSON.stringify(line).includes(mark), JSON.stringify(line));
  await world.until(
    () => replica.send('GET', '/v1/queues', undefined, headers),
    (answer) => answer.headers.get('drover-revision') !== before,
  );
});
