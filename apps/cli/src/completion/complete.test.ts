import test from 'ava';
import { complete, type Words } from './complete.js';
import { completionWords } from './words.js';

const WORDS: Words = {
  commands: [
    {
      words: ['ls'],
      describe: '',
      options: {
        state: { takes: true, values: ['failed', 'pending'] },
        queue: { takes: true, kind: 'queues' },
        json: {},
      },
    },
    { words: ['pause'], describe: '', options: {}, kind: 'queues' },
    { words: ['schedule', 'set'], describe: '', options: {} },
    { words: ['schedule', 'get'], describe: '', options: {}, kind: 'schedules' },
  ],
};

test('commands are completed, also those of two words', (t) => {
  t.deepEqual(complete(WORDS, [], 'p').words, ['pause']);
  t.deepEqual(complete(WORDS, [], 'sch').words, ['schedule']);
  t.deepEqual(complete(WORDS, ['schedule'], '').words, ['set', 'get', '--help']);
  t.deepEqual(complete(WORDS, ['nonsense'], 'x').words, []);
});

test('options and their values are completed, and names of a kind are asked for', (t) => {
  t.deepEqual(complete(WORDS, ['ls'], '--j').words, ['--json']);
  t.deepEqual(complete(WORDS, ['ls', '--state'], 'f'), { words: ['failed'] });
  t.deepEqual(complete(WORDS, ['ls'], '--state=p'), { words: ['--state=pending'] });
  t.deepEqual(complete(WORDS, ['ls', '--queue'], 'im'), { words: [], kind: 'queues' });
  t.deepEqual(complete(WORDS, ['ls'], 'queue:im'), { words: [], kind: 'queues' });
  t.deepEqual(complete(WORDS, ['pause'], ''), { words: [], kind: 'queues' });
  t.deepEqual(complete(WORDS, ['schedule', 'get'], 'n'), { words: [], kind: 'schedules' });
});

test('the words of all commands follow from their modules', async (t) => {
  const { commands } = await completionWords();
  const of = (...words: string[]) => commands.find((command) => command.words.join() === words.join());
  t.deepEqual(of('pause')?.kind, 'queues');
  t.deepEqual(of('queue')?.kind, 'queues');
  t.deepEqual(of('drain')?.kind, 'workers');
  t.deepEqual(of('submit')?.kind, 'types');
  t.deepEqual(of('resign')?.kind, 'schedulers');
  t.deepEqual(of('schedule', 'get')?.kind, 'schedules');
  t.deepEqual(of('limit', 'hold')?.kind, 'limits');
  t.deepEqual(of('context', 'use')?.kind, 'contexts');
  t.deepEqual(of('completion')?.values, ['bash', 'zsh', 'fish']);
  t.deepEqual(of('ls')?.options.queue, { takes: true, kind: 'queues' });
  t.false('zk-tls' in (of('ls')?.options ?? {}));
});
