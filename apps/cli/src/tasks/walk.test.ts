import test from 'ava';
import { mayReadAll } from './walk.js';

test('a list may read every batch where a filter chooses, or where very many tasks are wanted', (t) => {
  t.false(mayReadAll('', 100));
  t.true(mayReadAll('', Infinity));
  t.true(mayReadAll('state:failed', 1));
  t.false(mayReadAll('batch:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B state:failed', Infinity));
  t.false(mayReadAll('id:01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', Infinity));
});
