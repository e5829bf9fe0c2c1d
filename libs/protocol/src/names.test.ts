import test from 'ava';
import { parseAssignmentName, parseResultName, workerId, workerName } from './names.js';
import { parseTasksPath } from './paths.js';

test('a worker loses its session, a leader keeps its name', (t) => {
  t.is(workerName('gpu-1-jpidjc39tdy'), 'gpu-1');
  t.is(workerName('w1-jpidjc39tdy'), 'w1');
  t.is(workerName('host-24928'), 'host-24928');
  t.is(workerName('s1'), 's1');
  t.is(workerName(workerId('gpu-1', -0x7123456789abcdefn)), 'gpu-1');
});

test('one thing has one name: what says the same in another way is no name', (t) => {
  const batch = '01KDVDK000ABCDEFGHJKMNPQRS';
  for (const name of [`${batch}.e07-1`, `${batch}.e7-01`]) t.is(parseAssignmentName(name), null, name);
  for (const name of ['e07-1.ok', 'e7-01.end', 'e7-1.00', 'e7-1.ok-01-2', 'e7-1.ok-1-02'])
    t.is(parseResultName(name), null, name);
  for (const path of [`x/tasks/19/${batch}`, `/tasks/19/${batch}/`, `/tasks/19/${batch}/a/`])
    t.is(parseTasksPath(path), null, path);
  t.deepEqual(parseTasksPath(`/tasks/19/${batch}/e7-1.0`), { batch, result: 'e7-1.0' });
});
