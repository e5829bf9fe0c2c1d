import test from 'ava';
import { OptionsResolver } from './task-options.js';

test('lists with the same names share one object, and one that its owner has changed is read anew', (t) => {
  const resolver = new OptionsResolver();
  const optionsOf = (limits: string[]) => resolver.resolve('t', { limits }).options;
  const list = ['a', 'b/1'];
  const first = optionsOf(list);
  t.is(optionsOf(['a', 'b/1']), first);
  list[1] = 'b/2';
  t.deepEqual(optionsOf(list).limits, ['a', 'b/2']);
  t.deepEqual(first.limits, ['a', 'b/1']);
  list.push('c');
  t.deepEqual(optionsOf(list).limits, ['a', 'b/2', 'c']);
});
