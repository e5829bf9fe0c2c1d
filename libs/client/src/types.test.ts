import test, { type ExecutionContext } from 'ava';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import {
  connect,
  defineHandler,
  defineHandlers,
  RejectTaskError,
  type Drover,
  type Handler,
  type Handlers,
  type TaskContext,
} from './index.js';

/**
 * That this file compiles, and that each line below `@ts-expect-error` does not, is the test: the build runs it.
 * Nothing of it is called but what stands in tests.
 */
interface Types {
  'photo.thumbnail': [payload: { image: string }, result: { width: number }];
  ping: [null, string];
  any: [unknown, number];
}

function use(..._values: unknown[]): void {
  // A variable that nothing reads is an error of the linter.
}

const handlers = defineHandlers<Types>({
  'photo.thumbnail': ({ image }) => ({ width: image.length }),
  ping: { run: pong, kind: 'io', timeout: '1.5h', retry: { kind: 'constant', delayMs: 1_000 } },
  any: () => 1,
});

/** A handler in a function of its own names its second parameter. */
function pong(_payload: null, context: TaskContext): string {
  if (context.attempt > 3) throw new RejectTaskError('enough');
  return context.worker;
}

const single: Handler<number, string> = { run: (n, { id }) => `${id}${n.toFixed(0)}` };
const table: Handlers<Types> = handlers;

export async function submits(drover: Drover<Types>): Promise<void> {
  const { width }: { width: number } = await (await drover.submit('photo.thumbnail', { image: 'a' })).result();
  const text: string = await (await drover.submit('ping')).result();
  await drover.submit('ping', null, { timeout: '30s', delay: 500, retry: { delayMs: 1 } });
  await drover.submit('any');
  use(width, text, single, table);
  // @ts-expect-error the payload is not optional
  await drover.submit('photo.thumbnail');
  // @ts-expect-error nor is it undefined
  await drover.submit('photo.thumbnail', undefined);
  // @ts-expect-error the payload is of another type
  await drover.submit('photo.thumbnail', { image: 1 });
  // @ts-expect-error there is no such type
  await drover.submit('photo.thumbnial', { image: 'a' });
  // @ts-expect-error an option is misspelt
  await drover.submit('ping', null, { maxAttempt: 1 });
  // @ts-expect-error a field of a policy is misspelt
  await drover.submit('ping', null, { retry: { delay: 1 } });
}

export async function durations(drover: Drover): Promise<void> {
  for (const timeout of ['30s', '1.5h', '2 days', '250ms', '90 seconds', '1w', '30', 5_000] as const)
    await drover.submit('noop', null, { timeout });
  // @ts-expect-error no such unit
  await drover.submit('noop', null, { timeout: '10 parsecs' });
  // @ts-expect-error a number and a unit
  await drover.submit('noop', null, { delay: 'soon' });
  // @ts-expect-error no such unit
  await drover.task('id').result({ timeout: '1y' });
  // @ts-expect-error no such unit
  await connect({ zk: 'h:1', connectTimeout: '3 moons' });
}

export async function bulks(drover: Drover<Types>): Promise<void> {
  for await (const task of drover.submitMany([{ type: 'photo.thumbnail', payload: { image: 'a' } }])) {
    const result: { width: number } = await task.result();
    const name: 'photo.thumbnail' = task.type;
    use(result, name);
  }
  for await (const done of drover.run([{ type: 'ping' }, { type: 'photo.thumbnail', payload: { image: 'a' } }])) {
    if (done.state !== 'succeeded') continue;
    if (done.type === 'ping') ((text: string) => text)(done.result);
    else ((result: { width: number }) => result)(done.result);
    // @ts-expect-error it may be either
    const { width } = done.result;
    use(width);
  }
  async function* photos() {
    yield* ['a', 'b'].map((image) => ({ type: 'photo.thumbnail' as const, payload: { image } }));
  }
  for await (const done of drover.run(photos()))
    if (done.state === 'succeeded') ((width: number) => width)(done.result.width);
  // @ts-expect-error the payload is not optional
  drover.run([{ type: 'photo.thumbnail' }]);
  // @ts-expect-error the payload of one input is of another type
  drover.submitMany([{ type: 'photo.thumbnail', payload: { image: 1 } }]);
  // @ts-expect-error there is no such type
  drover.run([{ type: 'pong' }]);
  // @ts-expect-error an option of one input is misspelt
  drover.run([{ type: 'ping', maxAttempt: 1 }]);
}

export async function anyTypes(drover: Drover): Promise<void> {
  await drover.submit('whatever');
  await drover.submit('whatever', { n: 1 });
  for await (const done of drover.run([{ type: 'a' }, { type: 'b', payload: 1 }]))
    if (done.state === 'succeeded') ((result: unknown) => result)(done.result);
}

const image = z.object({ image: z.string(), width: z.coerce.number<string>().default(100) });

/** Every handler has a schema: payloads have its type, results that of the handlers. */
const bySchema = defineHandlers({
  resize: {
    schema: image,
    run: (payload, context) => ({ area: payload.width * payload.image.length, by: context.worker }),
  },
  length: { schema: v.string(), timeout: '30s', run: async (text) => Promise.resolve(text.length) },
  count: { schema: type({ items: 'string[]' }), run: ({ items }) => items.length },
  touch: { schema: z.object({ path: z.string() }).optional(), run: (payload) => payload?.path ?? '/' },
});

/** With others beside it, each handler says its own. */
const mixed = defineHandlers({
  resize: defineHandler({ schema: image, run: ({ width }) => width }),
  plain: (n: number, { id }: TaskContext) => `${id}${n.toFixed(0)}`,
  later: { run: (n: number) => Promise.resolve(n), timeout: 5_000 },
});

// @ts-expect-error an option of a handler is misspelt
defineHandlers({ a: { schema: z.string(), timout: 1, run: (text: string) => text } });
// @ts-expect-error an option of a handler is misspelt
defineHandlers({ a: { timout: 1, run: (n: number) => n }, b: (n: number) => n });
// @ts-expect-error an option of a handler is misspelt
defineHandlers<{ a: [number, number] }>({ a: { timout: 1, run: (n) => n } });
// @ts-expect-error the handler takes what its schema does not give
defineHandlers({ a: { schema: z.string(), run: (n: number) => n } });
// @ts-expect-error the schema gives what the handler does not take
defineHandlers<{ a: [number, number] }>({ a: { schema: z.string(), run: (n) => n } });
// @ts-expect-error no such unit
defineHandlers<{ a: [number, number] }>({ a: { timeout: '10 parsecs', run: (n) => n } });

export async function withSchemas(): Promise<void> {
  const drover = await connect('h:1', { handlers: bySchema });
  const { area, by }: { area: number; by: string } = await (await drover.submit('resize', { image: 'a' })).result();
  const length: number = await (await drover.submit('length', 'abc')).result();
  const count: number = await (await drover.submit('count', { items: ['a'] })).result();
  const path: string = await (await drover.submit('touch')).result();
  use(area, by, length, count, path);
  // @ts-expect-error what is submitted is the input of the schema, a text
  await drover.submit('resize', { image: 'a', width: 5 });
  // @ts-expect-error the payload is not optional
  await drover.submit('length');
  const other: Drover<typeof mixed> = await connect<typeof mixed>({ zk: 'h:1' });
  const width: number = await (await other.submit('resize', { image: 'a', width: '5' })).result();
  const plain: string = await (await other.submit('plain', 1)).result();
  const later: number = await (await other.submit('later', 1)).result();
  use(width, plain, later);
  const schemas = await connect({ zk: 'h:1', schemas: { resize: image, length: v.string() } });
  await schemas.submit('length', 'abc');
  // @ts-expect-error the payload is of another type
  await schemas.submit('length', 1);
}

test('handlers are given back as they are', (t: ExecutionContext) => {
  t.is(typeof bySchema.resize.run, 'function');
  t.deepEqual(Object.keys(mixed), ['resize', 'plain', 'later']);
  t.is(handlers, table);
});
