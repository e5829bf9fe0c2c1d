import { systemRuntime } from '@drover/runtime';
import test from 'ava';
import { parseCommandLine } from './program.js';
import { Output } from './terminal/output.js';

async function argsOf(...argv: string[]): Promise<Readonly<Record<string, unknown>>> {
  const parsed = await parseCommandLine(argv, new Output(process.stdout, 'stdout', systemRuntime));
  return parsed?.args ?? {};
}

test('every one of several tasks is named, in their order', async (t) => {
  for (const command of ['cancel', 'retry'])
    t.deepEqual((await argsOf(command, 'A.0', 'B.1', '--json', 'C.2')).task, ['A.0', 'B.1', 'C.2'], command);
});

test('of an option that is given twice the last counts', async (t) => {
  const args = await argsOf(
    'submit',
    'echo',
    '--queue',
    'a',
    '--max-attempts',
    '2',
    '--queue',
    'b',
    '--wait',
    '--wait',
  );
  t.like(args, { type: 'echo', queue: 'b', maxAttempts: '2', wait: true });
});

test('an option that is a list keeps all that was given', async (t) => {
  t.like(await argsOf('bench', '--only', 'idle', '--only', 'million'), { only: ['idle', 'million'] });
  t.like(await argsOf('bench', '--only', 'idle'), { only: ['idle'] });
});

test('all that is given stays text', async (t) => {
  t.like(await argsOf('submit', '123', '--payload', '7', '--key', '1.0'), { type: '123', payload: '7', key: '1.0' });
});

test('a term of a filter that begins with a dash is no option', async (t) => {
  t.deepEqual((await argsOf('ls', '-state:failed', 'queue:a')).term, ['-state:failed', 'queue:a']);
  t.like(await argsOf('cancel', '--filter', '-queue:a b', '--yes'), { filter: '-queue:a b', yes: true });
});
