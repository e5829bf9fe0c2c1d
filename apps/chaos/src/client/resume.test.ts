import type { Operation } from '@drover/verify';
import test from 'ava';
import { resumeFrom } from './resume.js';

const line = (call: number, type: Operation['type'], op: Operation['op'], task: string, id?: string): Operation => ({
  at: call,
  client: 'c1',
  call,
  type,
  op,
  task,
  id,
});

test('a client that was killed gives up what it had begun, and reads what it was promised and not told', (t) => {
  const past = [
    line(0, 'invoke', 'submit', 'c1/0'),
    line(0, 'ok', 'submit', 'c1/0', 'B.0'),
    line(1, 'invoke', 'result', 'c1/0'),
    line(1, 'ok', 'result', 'c1/0'),
    line(2, 'invoke', 'submit', 'c1/1'),
    line(2, 'ok', 'submit', 'c1/1', 'B.1'),
    line(3, 'invoke', 'result', 'c1/1'),
    line(4, 'invoke', 'submit', 'c1/2'),
    line(5, 'invoke', 'submit', 'c1/3'),
    line(5, 'fail', 'submit', 'c1/3'),
  ];
  const { open, unread, calls, tasks } = resumeFrom(past);
  t.deepEqual(
    open.map(({ op, task }) => `${op} ${task}`),
    ['result c1/1', 'submit c1/2'],
  );
  t.deepEqual(unread, [{ task: 'c1/1', id: 'B.1' }]);
  t.is(calls, 6);
  t.is(tasks, 4);
});

test('a client without a past has nothing to do', (t) => {
  t.deepEqual(resumeFrom([]), { open: [], unread: [], calls: 0, tasks: 0 });
});
