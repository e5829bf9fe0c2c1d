import test from 'ava';
import { toHandler } from '../threads/handler-options.js';
import { ThreadContext } from '../threads/thread-context.js';
import { callHandler } from './call-handler.js';
import type { CallEnd } from './executor.js';

const context = new ThreadContext({ n: 1, task: 'it', type: 'it', attempt: 1, fencingToken: 1n }, 'w', {
  note: () => undefined,
});
const call = (entry: unknown, payload = 'null'): Promise<CallEnd> =>
  new Promise((resolve) => callHandler(toHandler('it', entry), 'it', payload, context, resolve));

test('a thenable that resolves with a promise gives what that one gives', async (t) => {
  const thenable = (value: unknown): object => ({ then: (resolve: (value: unknown) => void) => resolve(value) });
  t.like(await call(() => thenable(Promise.resolve(7))), { result: '7' });
  t.like(await call(() => thenable(thenable(thenable(8)))), { result: '8' });
  t.like(await call(() => Object.assign(() => 1, thenable(9))), { result: '9' });
  const end = await call(() => thenable(Promise.reject(new RangeError('late'))));
  t.is('error' in end && end.error.message, 'late');
});

test('a `then` that throws is a failure of the handler', async (t) => {
  const hostile = Object.defineProperty({}, 'then', {
    get: () => {
      throw new Error('gotcha');
    },
  });
  const end = await call(() => hostile);
  t.is('error' in end && end.error.message, 'gotcha');
});

/** A schema of another library than ours. */
const numbers = (isLate: boolean) => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => {
      const { n } = value as { n?: unknown };
      const checked =
        typeof n === 'number'
          ? { value: n * 10 }
          : {
              issues: [
                { message: 'expected a number', path: ['n'] },
                { message: 'and more', path: [{ key: 'm' }, 0] },
              ],
            };
      return isLate ? Promise.resolve(checked) : checked;
    },
  },
});

for (const isLate of [false, true]) {
  test(`a handler gets what its schema makes of the payload${isLate ? ', also of one that answers later' : ''}`, async (t) => {
    const handler = { run: (n: number) => n + 1, schema: numbers(isLate) };
    t.like(await call(handler, '{"n":4}'), { outcome: 'succeeded', result: '41' });
    const end = await call(handler, '{"n":"4"}');
    if (end.outcome !== 'rejected') return t.fail(end.outcome);
    t.is(end.error.name, 'InvalidPayloadError');
    t.is(end.error.message, "payload of the 'it' task: n: expected a number; m.0: and more");
  });
}
