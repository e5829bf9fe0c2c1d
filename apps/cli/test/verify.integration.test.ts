import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testFolder } from '@drover/testing';
import test, { type ExecutionContext } from 'ava';
import { runExample } from './documented-example.js';
import { drover } from './drover.js';
import { runHere } from './run-here.js';

const OPERATIONS = [
  { at: 1_000, type: 'invoke', op: 'submit', task: 'c1/1', client: 'c1' },
  { at: 1_002, type: 'ok', op: 'submit', task: 'c1/1', client: 'c1' },
  { at: 1_009, type: 'ok', op: 'result', task: 'c1/1', client: 'c1', outcome: 'succeeded', attempt: 1 },
];
const EFFECTS = [
  { at: 1_004, type: 'start', task: 'c1/1', attempt: 1, token: '4294967300', worker: 'w1' },
  { at: 1_006, type: 'end', task: 'c1/1', attempt: 1, token: '4294967300', worker: 'w1' },
];
const AGAIN = { at: 9_000, type: 'start', task: 'c1/1', attempt: 2, token: '4294967400', worker: 'w2' };
const KILL = { at: 1_007, type: 'begin', n: 1, fault: 'kill', target: 'worker 1', workers: ['w1'] };

/** The options that name files with these lines. */
async function written(t: ExecutionContext, histories: Record<string, readonly unknown[]>): Promise<string[]> {
  const folder = await testFolder(t);
  const options = Object.entries(histories).map(async ([name, entries]) => {
    const path = join(folder, `${name}.ndjson`);
    await writeFile(
      path,
      entries.map((entry) => `${typeof entry === 'string' ? entry : JSON.stringify(entry)}\n`).join(''),
    );
    return [`--${name}`, path];
  });
  return (await Promise.all(options)).flat();
}

test('a good history: exit code 0, and a line for each rule', async (t) => {
  const files = await written(t, { operations: OPERATIONS, effects: EFFECTS, faults: [] });
  const { code, stdout, stderr } = await runHere(['verify', ...files]);
  t.is(code, 0, stderr);
  t.regex(stdout, /^held +acknowledged tasks end once +1 checked$/m);
  t.regex(stdout, /^held +second starts are explained +1 checked$/m);
  t.regex(stdout, /^not checked +the resource takes no older token +needs --resource$/m);
});

test('a broken rule: exit code 1, and the history of the task', async (t) => {
  const files = await written(t, { operations: OPERATIONS, effects: [...EFFECTS, AGAIN], faults: [KILL] });
  const { code, stdout } = await runHere(['verify', ...files]);
  t.is(code, 1);
  t.regex(stdout, /^held +second starts are explained/m);
  t.regex(stdout, /^task c1\/1: attempt 1 was accepted, and attempt 2 began \(at 8\.000 s\)$/m);
  t.regex(stdout, /^ +8\.000 {2}effects +start +attempt=2 token=4294967400 worker=w2$/m);
  const asJson = await runHere(['verify', ...files, '--json']);
  t.is(asJson.code, 1);
  t.like(JSON.parse(asJson.stdout), { verdict: 'broken', statistics: { tasks: 1, starts: 2, reassignments: 1 } });
});

test('several files of one history are one; bounds are durations', async (t) => {
  const operations = [...OPERATIONS, { at: 1_010, type: 'ok', op: 'cancel', task: 'c1/1' }];
  const first = await written(t, { operations, effects: EFFECTS });
  const second = await written(t, { effects: [{ ...AGAIN, at: 3_011 }], faults: [] });
  const verdictOf = async (bound: string): Promise<string> => {
    const { stdout } = await runHere(['verify', ...first, ...second, '--cancel-bound', bound]);
    return /^(\w+) +no unwanted effect/m.exec(stdout)?.[1] ?? stdout;
  };
  t.is(await verdictOf('2s'), 'broken');
  t.is(await verdictOf('2001ms'), 'held');
});

test('a history that cannot be read: exit code 2, with file, line and what was expected', async (t) => {
  const BAD: [effects: unknown[], says: RegExp][] = [
    [[...EFFECTS, '{"at":', AGAIN], /effects\.ndjson line 3: expected a JSON object, got "\{\\"at\\":"/],
    [[{ ...AGAIN, attempt: 0 }], /effects\.ndjson line 1: attempt: Too small: expected number to be >0/],
  ];
  for (const [effects, says] of BAD) {
    const { code, stdout, stderr } = await runHere([
      'verify',
      ...(await written(t, { operations: OPERATIONS, effects })),
    ]);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, says);
    t.notRegex(stderr, /^\s+at /m);
  }
});

test('histories that hold nothing prove nothing: exit code 2', async (t) => {
  const { code, stderr } = await runHere(['verify', ...(await written(t, { operations: [], effects: [] }))]);
  t.is(code, 2);
  t.regex(stderr, /nothing that could be checked/);
});

test('the example of docs/verify.md works as written: what a real system wrote holds', async (t) => {
  const { cwd, ran } = await runExample(t, 'docs/verify.md', 'client.mjs');
  t.like(ran, { code: 0, stderr: '' });

  await writeFile(join(cwd, 'faults.ndjson'), '');
  const histories = ['operations', 'effects', 'faults'].flatMap((name) => [`--${name}`, `${name}.ndjson`]);
  const { code, stdout, stderr } = await drover(['verify', ...histories, '--json'], { cwd });
  t.is(code, 0, stdout + stderr);
  const { rules } = JSON.parse(stdout) as { rules: { name: string; verdict: string; checked: number }[] };
  const held = rules.filter(({ verdict, checked }) => verdict === 'held' && checked === 200).map(({ name }) => name);
  t.deepEqual(held, [
    'acknowledged tasks end once',
    'one task a submit',
    'one accepted result',
    'second starts are explained',
    'attempts and tokens grow',
    'no unwanted effect',
  ]);
});
