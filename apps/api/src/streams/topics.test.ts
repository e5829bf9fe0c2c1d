import test from 'ava';
import { topicsOf } from './topics.js';

test('topics are names, tasks and batches', (t) => {
  const id = '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B';
  const { names, tasks, batches } = topicsOf(`overview, failures,task:${id}.3,batch:${id},overview`);
  t.deepEqual([[...names], tasks, batches], [['overview', 'failures'], [`${id}.3`], [id]]);
  t.throws(() => topicsOf('overviev'), { message: /did you mean 'overview'\?/ });
  for (const wrong of ['', ',', 'task:x', 'batch:1', Array.from({ length: 11 }, (_, n) => `task:${id}.${n}`).join(',')])
    t.throws(() => topicsOf(wrong), { name: 'ApiError' }, wrong);
});
