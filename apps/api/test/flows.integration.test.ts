import { flow, type Drover, type Flow } from '@drover/client';
import test from 'ava';
import { ApiWorld, type Answered, type Replica } from './support/api-world.js';

const published: Flow<{ day: string }> = flow<{ day: string }>('published', (f) => {
  const made = f.step('make', 'make', { day: f.input.day, secret: 'in the plan' }, { maxAttempts: 1 });
  const human = f.approve('publish?', { after: made });
  f.step('publish', 'publish', { made: made.result as unknown }, { after: human.yes, queue: 'public' });
});
const NO_RUN = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0';

interface StepDoc {
  state: string;
  reason?: string;
  label?: string;
  generation: number;
  tasks: string[];
  waitsFor?: { kind: string; answers?: string[] };
}
interface RunDoc {
  run: string;
  state: string;
  queue: string;
  steps: Record<string, StepDoc>;
}
interface ListDoc {
  items: RunDoc[];
  next: string | null;
  counts?: Record<string, Record<string, number>>;
}
const runOf = ({ json }: Answered): RunDoc => json as unknown as RunDoc;
const listOf = ({ json }: Answered): ListDoc => json as unknown as ListDoc;

/** Two schedulers, one of which follows, and a worker whose `make` fails as long as `isBroken`. */
async function setUp(t: Parameters<typeof ApiWorld.create>[0], flags: Record<string, unknown> = {}) {
  const world = await ApiWorld.create(t);
  const leading = await world.replica('s1', flags);
  const following = await world.replica('s2', flags);
  const drover = await world.client();
  const made = { isBroken: false };
  await world.worker('w1', {
    make: ({ day }: { day: string }) => {
      if (made.isBroken) throw new Error(`no ${day}`);
      return { of: day };
    },
    publish: (given: unknown) => given,
  });
  return { world, leading, following, drover, made };
}

const start = async (drover: Drover, day: string, queue: string): Promise<string> =>
  (await drover.start(published, { day }, { queue })).id;

/** The leader has read the plan of the run, and its step stands so. */
function isStep(answer: Answered, step: string, isIt: (step: StepDoc) => boolean): boolean {
  const found = answer.status === 200 ? runOf(answer).steps[step] : undefined;
  return found !== undefined && isIt(found);
}

/** The run, once its step stands so. */
const stepIs = (world: ApiWorld, replica: Replica, run: string, step: string, isIt: (step: StepDoc) => boolean) =>
  world
    .until(
      () => replica.get(`/v1/flows/${run}`),
      (answer) => isStep(answer, step, isIt),
    )
    .then(runOf);

test('runs are listed, looked at, approved, cancelled and retried, at whatever replica', async (t) => {
  const { world, leading, following, drover, made } = await setUp(t);
  const first = await start(drover, 'monday', 'mail');
  for (const replica of [leading, following]) {
    const run = await stepIs(world, replica, first, 'publish?', ({ waitsFor }) => waitsFor?.kind === 'signal');
    t.like(run, { run: first, flow: 'published', queue: 'mail', state: 'running', endedAt: null });
    t.like(run.steps.make, { kind: 'task', state: 'succeeded', done: 1, of: 1, failed: 0, generation: 0 });
    t.deepEqual(run.steps['publish?']?.waitsFor?.answers, ['yes', 'no']);
    t.is(run.steps.publish?.waitsFor?.kind, 'steps');
    t.false('output' in run);
    const { json: why } = await replica.get(`/v1/tasks/${first}/why`);
    t.like(why, { isRun: true, state: 'running', sentence: 'step publish? waits for its signal (yes, no)' } as never);
    const { json: plan } = await replica.get(`/v1/flows/${first}/plan`);
    t.like(plan, { v: 1, name: 'published', steps: { make: { kind: 'task', type: 'make' } } } as never);
  }
  const signal = (run: string, body: object) => following.send('POST', `/v1/flows/${run}/signal`, body);
  t.like(await signal(first, { step: 'nothing', answer: 'yes' }), { status: 400, json: { field: 'step' } as never });
  t.like(await signal(first, { step: 'publish?', answer: 'maybe' }), {
    status: 400,
    json: { field: 'answer' } as never,
  });
  t.like(await signal(first, { stepp: 'publish?' }), { status: 400 });
  const answer = { step: 'publish?', answer: 'yes', reason: 'looks right' };
  t.like(await signal(first, answer), { status: 200, json: { run: first, ok: true } as never });
  t.like(await signal(first, { step: 'publish?', answer: 'no' }), { status: 409 }, 'the first one counts');
  const done = await stepIs(world, following, first, 'publish', ({ state }) => state === 'succeeded');
  t.is(done.steps['publish?']?.label, 'yes');
  await world.until(
    () => leading.get(`/v1/flows/${first}`),
    ({ json }) => (json as unknown as RunDoc).state === 'succeeded',
  );
  t.like(await signal(first, answer), { status: 200 }, 'a repeat changes nothing');
  const late = await following.send('POST', `/v1/flows/${first}/cancel`, {});
  t.like(late, { status: 409, json: { code: 'conflict' } });

  const second = await start(drover, 'tuesday', 'mail');
  await stepIs(world, leading, second, 'publish?', ({ waitsFor }) => waitsFor?.kind === 'signal');
  t.like(await leading.send('POST', `/v1/flows/${second}/cancel`, { reason: 'wrong day' }), { status: 200 });
  const cancelled = await stepIs(world, leading, second, 'publish?', ({ state }) => state === 'cancelled');
  t.is(cancelled.state, 'cancelled');

  made.isBroken = true;
  const third = await start(drover, 'friday', 'images');
  await world.until(
    () => leading.get(`/v1/flows/${third}`),
    ({ json }) => (json as unknown as RunDoc).state === 'failed',
  );
  made.isBroken = false;
  t.like(await following.send('POST', `/v1/flows/${third}/retry`, {}), { status: 200 });
  const again = await stepIs(world, leading, third, 'make', ({ state }) => state === 'succeeded');
  t.is(again.steps.make?.generation, 1);

  const all = listOf(await following.get('/v1/flows'));
  t.deepEqual(
    all.items.map(({ run }) => run),
    [third, second, first],
  );
  t.like(all.counts?.published, { succeeded: 1, cancelled: 1 });
  const asked: [string, string[]][] = [
    ['state=succeeded', [first]],
    ['state=succeeded,cancelled', [second, first]],
    ['queue=images', [third]],
    ['queue=ima*', [third]],
    ['flow=published&queue=mail', [second, first]],
    ['flow=another', []],
  ];
  for (const [query, runs] of asked) {
    const { items, next } = listOf(await leading.get(`/v1/flows?${query}`));
    t.deepEqual([items.map(({ run }) => run), next], [runs, null], query);
  }
  const page = listOf(await leading.get('/v1/flows?limit=2'));
  t.is(page.items.length, 2);
  const rest = await following.get(`/v1/flows?limit=2&cursor=${page.next ?? ''}`);
  t.deepEqual([listOf(rest).items.map(({ run }) => run), rest.json.next], [[first], null]);
  t.like(await leading.get(`/v1/flows?queue=mail&cursor=${page.next ?? ''}`), { json: { code: 'invalid-cursor' } });
  t.like(await leading.get('/v1/flows?state=done'), { status: 400, json: { code: 'invalid-argument' } });
});

test('what is not there is a run that is not found', async (t) => {
  const { world, leading, following } = await setUp(t);
  for (const { get } of [leading, following])
    t.like(
      listOf(
        await world.until(
          () => get('/v1/flows'),
          ({ status }) => status === 200,
        ),
      ),
      { items: [], next: null },
    );
  for (const run of [NO_RUN, 'nonsense'])
    for (const [method, path, body] of [
      ['GET', ''],
      ['GET', '/plan'],
      ['POST', '/cancel', {}],
      ['POST', '/retry', {}],
      ['POST', '/signal', { step: 'a' }],
    ] as const) {
      const { status, json } = await leading.send(method, `/v1/flows/${run}${path}`, body);
      const isNoId = run === 'nonsense' && method === 'POST';
      t.deepEqual(
        [status, json.code],
        isNoId ? [400, 'invalid-argument'] : [404, 'run-not-found'],
        `${method} ${path}`,
      );
    }
});

test('a caller sees the runs of its queues, and no payload without the right to', async (t) => {
  const { world, leading, drover } = await setUp(t, { apiAuth: 'token' });
  const token = async (roles: string[], queues?: string[]) => {
    const { secret } = await drover.tokens.create({ name: 'ada', roles: roles as never, ...(queues && { queues }) });
    return { authorization: `Bearer ${secret}` };
  };
  const admin = await token(['admin']);
  const scoped = await token(['operator'], ['mail']);
  const viewer = await token(['viewer']);
  const own = await start(drover, 'monday', 'mail');
  const other = await start(drover, 'monday', 'images');
  for (const run of [own, other]) {
    await world.until(
      () => leading.get(`/v1/flows/${run}`, admin),
      (answer) => isStep(answer, 'publish?', ({ waitsFor }) => waitsFor?.kind === 'signal'),
    );
  }
  const list = listOf(await leading.get('/v1/flows', scoped));
  t.deepEqual([list.items.map(({ run }) => run), list.counts], [[own], undefined]);
  t.deepEqual(listOf(await leading.get('/v1/flows?queue=images', scoped)).items, []);
  t.is((await leading.get(`/v1/flows/${own}`, scoped)).status, 200);
  t.is((await leading.get(`/v1/tasks/${own}/why`, scoped)).status, 200);
  t.is((await leading.get(`/v1/tasks/${other}/why`, scoped)).status, 404);
  const yes = { step: 'publish?', answer: 'yes' };
  t.is((await leading.send('POST', `/v1/flows/${own}/signal`, yes, viewer)).status, 403);
  for (const [method, path, body] of [
    ['GET', ''],
    ['GET', '/plan'],
    ['POST', '/cancel', {}],
    ['POST', '/retry', {}],
    ['POST', '/signal', yes],
  ] as const)
    t.is((await leading.send(method, `/v1/flows/${other}${path}`, body, scoped)).json.code, 'run-not-found', path);
  t.is((await leading.send('POST', `/v1/flows/${own}/signal`, yes, scoped)).status, 200);
  const seen = await world.until(
    () => leading.get(`/v1/flows/${own}`, admin),
    (answer) => runOf(answer).steps.publish?.state === 'succeeded',
  );
  t.is(runOf(seen).steps.publish?.tasks.length, 1);
  const shown = runOf(await leading.get(`/v1/flows/${own}`, scoped)).steps.publish;
  t.deepEqual(shown?.tasks, [], 'its queue is another one');
  const tasksOf = (run: string, step: string, as: Record<string, string>) =>
    leading.get(`/v1/flows/${run}/steps/${step}/tasks`, as);
  const [published] = runOf(seen).steps.publish?.tasks ?? [];
  t.like((await tasksOf(own, 'publish', admin)).json, {
    items: [{ id: published, type: 'publish', state: 'succeeded' }],
  });
  t.deepEqual(listOf(await tasksOf(own, 'publish', scoped)).items, []);
  t.is((await tasksOf(other, 'make', scoped)).json.code, 'run-not-found');
  t.like(await tasksOf(own, 'nothing', admin), { status: 404, json: { code: 'not-found' } });
  t.like((await leading.get(`/v1/tasks/${published ?? ''}`, admin)).json, {
    flow: { run: own, step: 'publish', generation: 0 },
  });
  const ofPublic = await token(['viewer'], ['public']);
  t.false('flow' in (await leading.get(`/v1/tasks/${published ?? ''}`, ofPublic)).json, 'the run is of another queue');
  t.true(JSON.stringify((await leading.get(`/v1/flows/${own}/plan`, admin)).json).includes('in the plan'));
  t.false(JSON.stringify((await leading.get(`/v1/flows/${own}/plan`, viewer)).json).includes('in the plan'));
});
