import { InvalidArgumentError } from '@drover/core';
import test from 'ava';
import { registerStrategy, strategyNamed, strategyNames } from './registry.js';

test('the strategies that come with Drover are known by name', (t) => {
  for (const name of ['random', 'round-robin', 'weighted', 'least-loaded']) t.is(strategyNamed(name).name, name);
});

test('an unknown name is refused with the names that are known', (t) => {
  const error = t.throws(() => strategyNamed('fifo'), { instanceOf: InvalidArgumentError });
  t.is(error.message, 'strategy: expected one of random, round-robin, weighted, least-loaded, got "fifo"');
});

test('each term has a strategy object of its own', (t) => {
  t.not(strategyNamed('round-robin'), strategyNamed('round-robin'));
});

test("a strategy of the user's own is known by the name that it carries", (t) => {
  const first = {
    name: 'first',
    distribute: (_count: number, candidates: readonly unknown[]) => candidates.map(() => 0),
  };
  registerStrategy(() => first);
  t.true(strategyNames().includes('first'));
  t.is(strategyNamed('first'), first);
  t.throws(
    () => {
      registerStrategy(() => first);
    },
    { message: /expected a name that is not taken yet, got "first"/ },
  );
  t.throws(
    () => {
      registerStrategy(() => ({ ...first, name: 'My Own' }));
    },
    { message: /lower case letters/ },
  );
});
