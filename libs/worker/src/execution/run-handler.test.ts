import { defineHandler, defineHandlers, InvalidPayloadError, RejectTaskError } from '@drover/core';
import test from 'ava';
import { z } from 'zod';
import { runHandler } from './run-handler.js';

const handlers = defineHandlers<{
  double: [number, number];
  report: [null, string];
  waits: [null, null];
  lost: [null, unknown];
}>({
  double: (n) => n * 2,
  report: {
    timeout: '5s',
    run: async (_, { log, progress, id, attempt, worker, fencingToken }) => {
      progress(0.5, 'half way');
      log('so far', { steps: 3 });
      return `${id} ${attempt} ${worker} ${fencingToken}`;
    },
  },
  waits: (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  lost: () => 1n,
});

test('a handler alone: its result, its progress, its logs', async (t) => {
  t.deepEqual(await runHandler(handlers, 'double', 21), { result: 42, progress: [], logs: [] });
  t.deepEqual(await runHandler(handlers, 'report', null, { attempt: 2 }), {
    result: '00000000000000000000000000.0 2 test 1',
    progress: [{ fraction: 0.5, note: 'half way' }],
    logs: [{ message: 'so far', fields: { steps: 3 } }],
  });
});

test('it rejects with what the handler threw, which a signal may bring about', async (t) => {
  const controller = new AbortController();
  const running = runHandler(handlers, 'waits', null, { signal: controller.signal });
  const reason = new RejectTaskError('enough');
  controller.abort(reason);
  t.is(await t.throwsAsync(running), reason);
});

test('a type without a handler, a result that is no JSON, handlers that are none', async (t) => {
  await t.throwsAsync(runHandler(handlers, 'no' as 'double', 1), { message: /one of double, report, waits, lost/ });
  await t.throwsAsync(runHandler(handlers, 'lost', null), { instanceOf: TypeError, message: /BigInt/ });
  const misspelt = { double: { run: (n: number) => n, timout: '5s' } } as unknown as { double: (n: number) => number };
  await t.throwsAsync(runHandler(misspelt, 'double', 1), {
    message: /unknown option "timout"; did you mean "timeout"/,
  });
});

test('types follow from a schema, and from the parameter of a function', async (t) => {
  const schema = z.object({ width: z.number().default(7) });
  const table = defineHandlers({
    resize: defineHandler({ schema, run: ({ width }) => ({ area: width * width }) }),
    ping: (n: number) => n + 1,
  });
  const { result } = await runHandler(table, 'resize', {});
  const area: number = result.area;
  t.is(area, 49);
  const pong: number = (await runHandler(table, 'ping', 1)).result;
  t.is(pong, 2);
  const wrong = { width: 'wide' } as never;
  const error = await t.throwsAsync(runHandler(table, 'resize', wrong), { instanceOf: InvalidPayloadError });
  t.deepEqual(error.issues.map(({ path }) => path), ['width']); // prettier-ignore
});
