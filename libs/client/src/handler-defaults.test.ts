import { defineHandlers, InvalidArgumentError } from '@drover/core';
import test from 'ava';
import { resolveConnect } from './connect-options.js';
import { OptionsResolver } from './submit/task-options.js';

const handlers = defineHandlers({
  train: { resources: { gpu: 1, memory: '8GiB' }, where: { zone: 'a' }, run: (_: { model: string }) => null },
  plain: (_: null) => null,
});

function resolverOf(defaults = {}): OptionsResolver {
  return new OptionsResolver(defaults, resolveConnect('h:1', { handlers }).ofHandlers);
}

test('a client that has the handlers fills in the resources and conditions that they name', (t) => {
  const { options } = resolverOf().resolve('train', {});
  t.deepEqual(options.resources, { gpu: 1_000, memory: 2 ** 33 });
  t.deepEqual(options.where, [{ label: 'zone', op: 'in', values: ['a'] }]);
  t.like(resolverOf().resolve('plain', {}).options, { resources: null, where: null });
});

test('the task, and the defaults of its submit, go before the handler, each option by itself', (t) => {
  const resolver = resolverOf({ where: { zone: 'b' } });
  const { options } = resolver.resolve('train', { resources: { cpu: 1 } });
  t.deepEqual(options.resources, { cpu: 1_000 });
  t.deepEqual(options.where, [{ label: 'zone', op: 'in', values: ['b'] }]);
});

test('without resources a task is as it was', (t) => {
  t.deepEqual(new OptionsResolver().resolve('train', {}).options.resources, null);
});

test('a handler that names nonsense is told when the client connects', (t) => {
  const bad = { train: { resources: { gpu: 0.3 }, run: () => null } };
  t.throws(() => resolveConnect('h:1', { handlers: bad }), {
    instanceOf: InvalidArgumentError,
    message: /^handlers\.train\.resources\.gpu: expected 1\/k of a device/,
  });
});
