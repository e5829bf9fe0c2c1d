import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { BUILT_IN_TYPES } from '@drover/worker-app';
import { COMMANDS, isGroup } from './commands.js';
import { run, type ProcessLike } from './run.js';

/** The program without a process of its own. */
async function runHere(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const host = { stdin: new PassThrough(), stdout, stderr, env: {}, on: () => undefined, off: () => undefined };
  const code = await run(args, host as unknown as ProcessLike);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

test('--help lists every command, and each has help of its own with examples', async (t) => {
  const top = await runHere(['--help']);
  t.is(top.code, 0);
  await Promise.all(
    COMMANDS.map(async (entry) => {
      const name = entry.signature.split(' ')[0]!;
      t.true(top.stdout.includes(`drover ${isGroup(entry) ? name : entry.signature}`), name);
      const own = isGroup(entry) ? entry.commands.map(({ signature }) => signature.split(' ')[0]!) : [];
      for (const words of own.length === 0 ? [[name]] : own.map((word) => [name, word])) {
        const { code, stdout } = await runHere([...words, '--help']);
        t.is(code, 0, words.join(' '));
        t.regex(stdout, /Examples:/, words.join(' '));
      }
    }),
  );
});

test('help shows the own options first and the connection last, and the rest of it on request', async (t) => {
  const { code, stdout } = await runHere(['help', 'submit']);
  t.is(code, 0);
  t.is(stdout, (await runHere(['submit', '--help'])).stdout);
  const heads = stdout.split('\n').filter((line) => /^\w+:$/.test(line));
  t.deepEqual(heads, ['Positionals:', 'Options:', 'Tracing:', 'General:', 'Connection:', 'Examples:']);
  t.regex(stdout, /Options:\n +--payload/);
  t.regex(stdout, /--retry/);
  t.notRegex(stdout, /--zk-tls|--version/);
  t.regex(stdout, /'drover help connection'/);
  const all = await runHere(['help', 'connection']);
  t.is(all.code, 0);
  t.regex(all.stdout, /--zk-tls-ca-file[^]*--session-timeout|--session-timeout[^]*--zk-tls-ca-file/);
  t.regex((await runHere(['help'])).stdout, /--version/);
});

test('the help of worker names every built-in type', async (t) => {
  const { stdout } = await runHere(['worker', '--help']);
  for (const type of BUILT_IN_TYPES) t.true(stdout.includes(type), type);
});

const LONG = 'x'.repeat(200);
const ID = '01JD3V8R2MZ6K4Q7T9XBYC5HNA.0';
const WRONG: [args: string[], message: RegExp][] = [
  [[], /missing command/],
  [['sttus'], /unknown command 'sttus'; did you mean 'status'\?/],
  [['status', '--jsn'], /unknown option --jsn; did you mean --json\?/],
  [['submit', 'echo', '--max-atempts', '3'], /unknown option --max-atempts; did you mean --max-attempts\?/],
  [['get'], /missing argument: <task-id>/],
  [['get', `eu1~${ID}`], /unknown cell 'eu1'/],
  [['cancel', `eu1~${ID}`], /unknown cell 'eu1'/],
  [['erase', 'x'], /expected a task id such as .*, got 'x'/],
  [['erase'], /missing argument: <task-id>/],
  [['retry', `eu1~${ID}`], /unknown cell 'eu1'/],
  [['ls', '--after', `eu1~${ID}`], /unknown cell 'eu1'/],
  [['sumbit', 'echo'], /unknown command 'sumbit'; did you mean 'submit'\?/],
  [['Submit'], /unknown command 'Submit'; did you mean 'submit'\?/],
  [['help', 'sumbit'], /unknown command 'sumbit'; did you mean 'submit'\?/],
  [['submit', '--version'], /unknown option --version/],
  [['ls', '--state', 'bad'], /--state: expected one of scheduled, .*, got "bad"/],
  [['ls', '--limit', '0'], /--limit: expected a whole number above 0, got '0'/],
  [['status', '--zk', 'host:99999'], /--zk: expected host:port.*, ports from 1 to 65535, got "host:99999"/],
  [['status', '--zk', 'nowhere'], /--zk: expected host:port.*, got "nowhere"/],
  [['status', '--zk'], /--zk needs a value/],
  [['scheduler', '--session-timeout', 'soon'], /--session-timeout: expected a duration .*, got "soon"/],
  [
    ['worker', '--concurrency', '2', '--compute-threads', '4'],
    /--compute-threads is 4, more than --concurrency, which is 2/,
  ],
  [['worker', '--type-concurrency', 'ocr'], /--type-concurrency: expected types with whole numbers from 1/],
  [['worker', '--type-concurrency', 'ocr=1,ocr=2'], /--type-concurrency: expected types with whole numbers from 1/],
  [['task', 'set', ID], /nothing to change: give --priority, --delay, --at, --now or --to-queue/],
  [['task', 'set', ID, '--now', '--delay', '1s'], /give one of --delay, --at and --now, not --delay and --now/],
  [['task', 'set', ID, '--priority', '10'], /--priority: expected a whole number from -9 to 9, got 10/],
  [['task', 'set', ID, '--at', 'soon'], /--at: expected an instant such as .*, got "soon"/],
  [['task', 'set', ID, '--at', '2126-12-24T18:00:00Z'], /--at: expected a year ahead at most/],
  [['task', 'set', ID, '--delay', '2y'], /--delay/],
  [['task', 'set', ID, '--delay', '400d'], /--delay: expected a year at most/],
  [['cancel', ID, '--by', LONG], /--by|by:/],
  [['dead', 'purge', 'queue:q', '--by', LONG], /--by|by:/],
  [['limit', 'rm', 'gpu', '--by', LONG], /--by|by:/],
  [['task', 'set', ID, '--to-queue', 'a b'], /--to-queue: expected a name/],
  [['task', 'set', '--now'], /missing argument: task ids, or a filter .*drover task set --help/],
  [['dead', 'redrive', '--to-queue', 'a b', '--yes'], /--to-queue: expected/],
  [['submit'], /missing argument: the task type, or a file of tasks with --from/],
  [['submit', 'a b'], /type: expected a task type/],
  [['submit', 'echo', '--payload', '{'], /--payload: not JSON.*Quote it for the shell/],
  [
    ['submit', 'echo', '--payload', '12345678901234567890'],
    /--payload: the number 12345678901234567890 would be read as/,
  ],
  [['submit', 'echo', '--payload', '{"a":1e400}'], /--payload: the number 1e400 would be read as Infinity/],
  [['submit', 'echo', '--retry', 'sometimes'], /--retry: expected KIND.*, got "sometimes"/],
  [['submit', 'echo', '--retry', 'constant,delay=soon'], /--retry: delay: expected .*, got "soon"/],
  [['submit', 'echo', '--retry', 'constant,jitter=lots'], /--retry.jitter: expected .*, got "lots"/],
  [['submit', 'echo', '--retry', 'constant,jitter=2'], /--retry.jitter: expected .*, got 2/],
  [['submit', 'echo', '--wait-timeout', '5s'], /--wait-timeout needs --wait/],
  [['submit', 'echo', '--keep-going'], /--keep-going needs --from/],
  [['submit', '--from', '-', '--payload', '1'], /--payload is for a single task/],
  [['submit', 'echo', '--timeout', 'soon'], /--timeout: expected .*, got "soon"/],
  [['submit', 'echo', '--max-attempts', '0'], /--max-attempts: expected a whole number from 1 to 100, got 0/],
  [['submit', 'echo', '--max-attempts', 'three'], /--max-attempts: expected a whole number from 1 to 100, got "three"/],
  [['submit', 'echo', '{"n":1}'], /unexpected argument '{"n":1}'; did you mean --payload\?/],
  [['verify'], /missing --operations and --effects/],
  [['demo', '--path', '/does/not/exist'], /--path: there is no folder \/does\/not\/exist/],
  [['submit', '--from', '/does/not/exist'], /--from: no such file/],
  [['queue', 'images', '--weight', '-1'], /--weight: expected a number above 0/],
  [['ls', 'stat:x'], /filter 'stat:x', character 1: unknown field "stat"; did you mean 'state'\?/],
  [['ls', '-queue:a', 'type:b*c'], /filter 'type:b\*c', character 7: '\*' may stand at the end/],
  [['ls', '--state', 'faild'], /--state: expected one of .*, got "faild"; did you mean 'failed'\?/],
  [['ls', '--since', '5'], /--since: expected a duration/],
  [['ls', '--after', 'x'], /--after: expected a task id/],
  [['cancel'], /missing argument: task ids, or a filter/],
  [['retry', '01JZ8Q6T7M3N5R2V4X6Y8Z0A1B.0', '--queue', 'a'], /task ids or a filter, not both/],
  [['drain', 'w1', '--wait', '--off'], /exclude each other/],
];
for (const [args, message] of WRONG) {
  test(`drover ${args.join(' ')}: exit code 2 and what is wrong`, async (t) => {
    const { code, stdout, stderr } = await runHere(args);
    t.is(code, 2, stderr);
    t.regex(stderr, message);
    t.is(stdout, '');
    t.notRegex(stderr, /^\s+at /m);
  });
}

test('a reader of stderr that has stalled does not hold the exit code of a command that failed', async (t) => {
  const stderr = new Writable({ write: () => undefined });
  stderr.write('a note that nobody reads\n');
  const host = { stdin: new PassThrough(), stdout: new PassThrough(), stderr, env: {} };
  const listeners = { on: () => undefined, off: () => undefined };
  t.is(await run(['no-such-command'], { ...host, ...listeners } as unknown as ProcessLike), 2);
});
