import test from 'ava';
import { readCommandLine, STDOUT } from './command-line.js';

test('--json takes a file, or none: then what was measured goes to stdout', (t) => {
  t.is(readCommandLine([])?.json, undefined);
  t.is(readCommandLine(['--json', 'run.json', '--quick'])?.json, 'run.json');
  t.is(readCommandLine(['--json=run.json'])?.json, 'run.json');
  t.like(readCommandLine(['--only', 'planner', '--json']), { only: ['planner'], json: STDOUT });
  t.like(readCommandLine(['--json', '--quick']), { form: 'quick', json: STDOUT });
});

test('wrong options are refused', (t) => {
  t.is(readCommandLine(['--help']), null);
  t.throws(() => readCommandLine(['--only', 'weather']), { message: /--only weather: no such part/ });
  t.throws(() => readCommandLine(['--quick', '--full']), { message: /exclude each other/ });
  t.throws(() => readCommandLine(['run.json']));
});
