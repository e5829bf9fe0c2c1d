import test from 'ava';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { connect, defineHandlers, InvalidPayloadError, type PayloadSchema } from '../src/index.js';
import { collect, world } from './client.js';

/** Nobody leads in these tests. */
const onWarning = (): void => undefined;
/** Takes a Date too: it is text when the worker reads it. */
const day: PayloadSchema<string | Date, string> = z.iso.datetime();

const handlers = defineHandlers({
  resize: { schema: z.object({ image: z.string(), width: z.coerce.number<string>().default(100) }), run: () => 1 },
  length: { schema: v.string(), run: (text) => text.length },
  count: { schema: type({ items: 'string[]' }), run: ({ items }) => items.length },
  touch: { schema: z.object({ path: z.string() }).optional(), run: () => 1 },
  slow: { schema: z.string().refine(async (text) => Promise.resolve(text !== 'no')), run: () => 1 },
  at: { schema: day, run: () => 1 },
});

test('a client with handlers checks payloads before anything is written, and sends them as they were given', async (t) => {
  const { cluster, zk } = await world(t);
  const drover = await connect(zk, { handlers, onWarning });
  t.teardown(() => drover.close());
  const js = drover as unknown as { submit(type: string, payload?: unknown): Promise<unknown> };
  const refused: [type: string, payload: unknown, message: RegExp][] = [
    ['resize', { image: 5 }, /^payload of the 'resize' task: image: /],
    ['resize', undefined, /^payload of the 'resize' task: /],
    ['length', 5, /^payload of the 'length' task: /],
    ['count', { items: ['a', 5] }, /^payload of the 'count' task: items\.1: /],
    ['slow', 'no', /^payload of the 'slow' task: /],
  ];
  for (const [type, payload, message] of refused)
    await t.throwsAsync(js.submit(type, payload), { instanceOf: InvalidPayloadError, message });
  t.is(cluster.seen.length, 0);
  await drover.submit('resize', { image: 'a' });
  await drover.submit('touch');
  await drover.submit('slow', 'yes');
  await drover.submit('at', new Date(0));
  await js.submit('unknown to the handlers'.replaceAll(' ', '-'), { any: 1 });
  const batches = await cluster.batches(5);
  t.deepEqual(
    batches.map(({ batch }) => batch.payload(0)),
    ['{"image":"a"}', 'null', '"yes"', '"1970-01-01T00:00:00.000Z"', '{"any":1}'],
  );
});

test('bulks check too, in the order given, with schemas that take their time', async (t) => {
  const { cluster, zk } = await world(t);
  const drover = await connect({ zk, schemas: { slow: handlers.slow.schema }, onWarning });
  t.teardown(() => drover.close());
  const inputs = ['a', 'b', 'no', 'c'].map((payload) => ({ type: 'slow', payload }) as const);
  const places: number[] = [];
  await t.throwsAsync(
    async () => {
      for await (const task of drover.submitMany(inputs)) places.push(task.index);
    },
    { instanceOf: InvalidPayloadError },
  );
  t.deepEqual(places, [0, 1]);
  cluster.answer((payload) => ({ outcome: 'succeeded', result: payload }));
  const done = await collect(drover.run(inputs.filter(({ payload }) => payload !== 'no')));
  t.deepEqual(done.map((each) => each.state === 'succeeded' && String(each.result)).sort(), ['a', 'b', 'c']);
});
