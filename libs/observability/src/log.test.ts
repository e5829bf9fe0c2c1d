import test from 'ava';
import { silentLog } from './index.js';

test('an event takes exactly the fields of the table, as the compiler sees to', (t) => {
  const fields = { worker: 'w1', assignments: 0 };
  silentLog.event('worker.left', { ...fields, tasks: 0 });
  // @ts-expect-error `tasks` is missing.
  silentLog.event('worker.left', fields);
  // @ts-expect-error The table lists no `queue`.
  silentLog.event('worker.left', { worker: 'w1', assignments: 0, tasks: 0, queue: 'default' });
  t.pass();
});
