import test from 'ava';
import { compareResultNames, parseAssignmentName, parseResultName, resultName, workerId, workerName } from './names.js';
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
  for (const name of ['e07-1.ok', 'e7-01.end', 'e7-1.', 'e7-1', 'e7-1.a/b', 'x7-1.ok'])
    t.is(parseResultName(name), null, name);
  for (const path of [`x/tasks/19/${batch}`, `/tasks/19/${batch}/`, `/tasks/19/${batch}/a/`])
    t.is(parseTasksPath(path), null, path);
  t.deepEqual(parseTasksPath(`/tasks/19/${batch}/e7-1.0`), { batch, result: 'e7-1.0' });
});

test('a part that this version does not know is a name all the same, the last but the one of the leader', (t) => {
  const name = parseResultName('e7-1.ok~zstd');
  t.deepEqual(name, { epoch: 7, n: 1, part: 'other', text: 'ok~zstd' });
  t.is(name && resultName(name), 'e7-1.ok~zstd');
  const names = ['e7-1.end', 'e7-1.b', 'e7-1.3', 'e7-1.a', 'e7-2.ok'].map((text) => parseResultName(text));
  const sorted = names.filter((parsed) => parsed !== null).sort(compareResultNames);
  t.deepEqual(sorted.map(resultName), ['e7-1.3', 'e7-1.a', 'e7-1.b', 'e7-1.end', 'e7-2.ok']);
});
