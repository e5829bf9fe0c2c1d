import test from 'ava';
import { decideAll, world } from '../test/decide.js';

test('the number of workers that serve a queue stands still while its tasks come and go', (t) => {
  const w = world();
  w.join('w0');
  w.join('w1');
  w.join('w2', { types: ['other'] });
  w.submit('q', [{ count: 1 }]);
  const served = (): { workers: number; unserved: string[] } => w.planner.serversOf('q');
  w.deliver();
  t.deepEqual(served(), { workers: 2, unserved: [] }, 'one task is pending');
  decideAll(w);
  t.deepEqual(served(), { workers: 2, unserved: [] }, 'the task is out');
  w.submit('q', [{ count: 1, type: 'nobody' }]);
  decideAll(w);
  t.deepEqual(served(), { workers: 2, unserved: ['nobody'] });
});
