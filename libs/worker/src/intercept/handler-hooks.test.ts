import type { FailedAttempt, HandlerCall } from '@drover/core';
import { RejectTaskError, RetryLater } from '@drover/core';
import test from 'ava';
import { callHandler } from '../execution/call-handler.js';
import type { CallEnd } from '../execution/executor.js';
import { toHandler } from '../threads/handler-options.js';
import { ThreadContext } from '../threads/thread-context.js';
import { toHooks } from './handler-hooks.js';

const context = () =>
  new ThreadContext({ n: 1, task: 'T.0', type: 'it', queue: 'q', attempt: 2, fencingToken: 7n }, 'w', {
    note: () => undefined,
  });

function call(interceptors: unknown, run: unknown, asked = context()): Promise<CallEnd> {
  const hooks = toHooks(interceptors);
  const handler = toHandler('it', run);
  const hooked = hooks === null ? handler : { ...handler, hooks, run: hooks.wrap('it', handler.run) };
  return new Promise((resolve) => callHandler(hooked, 'it', '{"a":1}', asked, resolve));
}

test('interceptors run around the handler, the first one outermost, and may change what it gives', async (t) => {
  const said: string[] = [];
  const named = (name: string) => ({
    around: async ({ type, queue, payload, context: { attempt } }: HandlerCall, next: () => unknown) => {
      said.push(`${name} ${type} ${queue} ${JSON.stringify(payload)} ${attempt}`);
      const result = await next();
      said.push(`${name} ${String(result)}`);
      return `${name}(${String(result)})`;
    },
  });
  const end = await call([named('a'), named('b')], () => 'x');
  t.deepEqual(end, { outcome: 'succeeded', result: '"a(b(x))"' });
  t.deepEqual(said, ['a it q {"a":1} 2', 'b it q {"a":1} 2', 'b x', 'a b(x)']);
});

test('an interceptor that throws, or does not call the handler, decides how the attempt ends', async (t) => {
  const refuses = { around: () => Promise.reject(new RejectTaskError('not today')) };
  const end = await call([refuses], () => t.fail());
  t.like(end, { outcome: 'rejected', error: { message: 'not today' } });
});

test('failures are told with the error itself; a task that is to run later has not failed', async (t) => {
  const told: FailedAttempt[] = [];
  const tells = { onFailure: (failed: FailedAttempt) => void told.push(failed) };
  const error = new TypeError('broken');
  await call([tells], () => Promise.reject(error));
  await call([tells], () => {
    throw new RetryLater('busy', { after: '5s' });
  });
  await call([tells], () => 1);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(told, [{ task: 'T.0', type: 'it', queue: 'q', attempt: 2, error }]);
  t.is(told[0]?.error, error);
});

test('of an attempt that was asked to end, its handler tells no failure', async (t) => {
  const asked = context();
  asked.abort(new Error('cancelled'));
  await call([{ onFailure: () => t.fail() }], () => Promise.reject(new Error('so be it')), asked);
  await new Promise((resolve) => setImmediate(resolve));
  t.pass();
});

test('a list that is none is refused by name', (t) => {
  t.is(toHooks(undefined), null);
  t.is(toHooks([]), null);
  t.throws(() => toHooks({}), { message: /interceptors: expected a list of \{ around, onFailure \}, got \{\}/ });
  t.throws(() => toHooks([{ arround: () => 1 }]), {
    message: /interceptors\[0\]: unknown option "arround"; did you mean "around"/,
  });
  t.throws(() => toHooks([{ onFailure: 1 }]), { message: /interceptors\[0\]\.onFailure: expected a function, got 1/ });
});
