import { defineHandler, defineHandlers } from '@drover/worker';
import test from 'ava';
import { z } from 'zod';
import { runHandler, testDrover } from '../src/index.js';

const ofSchemas = defineHandlers({
  resize: { schema: z.object({ width: z.number() }), run: ({ width }) => ({ area: width * width }) },
});
const ofEach = defineHandlers({
  length: (text: string) => text.length,
  resize: defineHandler({ schema: z.object({ width: z.number() }), run: ({ width }) => ({ area: width * width }) }),
});

test('payloads and results have their types, however the handlers were defined', async (t) => {
  const a = await runHandler(ofSchemas, 'resize', { width: 3 });
  const b = await runHandler(ofEach, 'length', 'abc');
  const c = await runHandler(ofEach, 'resize', { width: 2 });
  t.deepEqual([a.result.area, b.result.toFixed(), c.result.area], [9, '3', 4]);
  // @ts-expect-error: no such type
  await t.throwsAsync(runHandler(ofEach, 'lenght', 'abc'), { message: /one of length, resize/ });
  // @ts-expect-error: not its payload
  await t.throwsAsync(runHandler(ofSchemas, 'resize', { width: 'wide' }), { message: /width/ });
});

test('so has the client', async (t) => {
  const { drover, close } = await testDrover({ handlers: ofEach });
  t.teardown(close);
  const task = await drover.submit('resize', { width: 2 });
  const { area } = await task.result();
  t.is(area.toFixed(), '4');
});

test('the client checks payloads by the schemas of the handlers', async (t) => {
  for (const handlers of [ofSchemas, ofEach]) {
    const { drover, settle, close } = await testDrover({ handlers });
    t.teardown(close);
    // @ts-expect-error: not its payload
    const refused = drover.submit('resize', { width: 'wide' });
    await t.throwsAsync(refused, { name: 'InvalidPayloadError', message: /width/ });
    await settle();
    t.is((await drover.status()).tasks?.failed, 0);
  }
});
