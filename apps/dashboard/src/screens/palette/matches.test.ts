import test from 'ava';
import { matchesOf, taskIdIn, type Entry } from './matches.js';

const entry = (kind: string, label: string): Entry => ({ id: `${kind} ${label}`, kind, label, run: () => {} });
const entries = [
  entry('Screen', 'Queues'),
  entry('Queue', 'mail'),
  entry('Queue', 'email'),
  entry('Action', 'Pause queue mail'),
];
const labels = (typed: string): string[] => matchesOf(entries, typed, 10).map(({ label }) => label);

test('a label that is what was typed comes first, then one that begins with it', (t) => {
  t.deepEqual(labels('mail'), ['mail', 'Pause queue mail', 'email']);
});

test('all words must fit, also the kind', (t) => {
  t.deepEqual(labels('queue em'), ['email']);
  t.deepEqual(labels('xyz'), []);
});

test('nothing typed shows everything, up to the most', (t) => {
  t.is(matchesOf(entries, ' ', 2).length, 2);
});

test('an id of a task is found in what was pasted', (t) => {
  t.is(taskIdIn('task 01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.12 failed'), '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.12');
  t.is(taskIdIn('mail'), null);
});
