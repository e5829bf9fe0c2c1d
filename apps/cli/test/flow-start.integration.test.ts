import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { clusterHere } from './cluster-here.js';
import { documents, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

/** The copy of the library that a module of a user imports. */
const FLOW = import.meta.resolve('@drover/flow');
const MODULE = `import { flow } from ${JSON.stringify(FLOW)};
export const greet = flow('greet', (f) => {
  const said = f.step('say', 'greet', { name: f.input.name });
  f.finally('tell', 'tell', { outcome: f.outcome });
  return { said: said.result };
});
export const ask = flow('ask', (f) => { f.approve('sure?'); });
`;
const HANDLERS = `export default {
  greet: async ({ name }) => {
    if (name === 'nobody') throw new Error('nobody is there');
    return 'hello ' + name;
  },
  tell: async () => null,
};
`;

interface Cluster {
  file: string;
  folder: string;
  run: (...args: string[]) => Promise<Ended>;
}

async function cluster(t: ExecutionContext): Promise<Cluster> {
  const folder = await testFolder(t);
  const [file, handlers] = [join(folder, 'flows.mjs'), join(folder, 'handlers.mjs')];
  await writeFile(file, MODULE);
  await writeFile(handlers, HANDLERS);
  const { here: run } = await clusterHere(t, { handlers });
  return { file, folder, run };
}

test('flow start runs a flow of a file, waits for it and prints its result', async (t) => {
  const { file, folder, run } = await cluster(t);
  const input = join(folder, 'input.json');
  await writeFile(input, '{"name":"Ada"}');

  const done = await run('flow', 'start', file, '--flow', 'greet', '--input', `@${input}`, '--wait', '--json');
  t.is(done.code, 0, done.stderr);
  const [document = {}] = documents(done.stdout);
  t.like(document, { flow: 'greet', state: 'succeeded', result: { said: 'hello Ada' } });

  const shown = await run('flow', 'get', String(document.run));
  t.regex(shown.stdout, /"said": "hello Ada"/);

  const failed = await run('flow', 'start', file, '--flow', 'greet', '--input', '{"name":"nobody"}', '--wait');
  t.is(failed.code, 1);
  t.regex(failed.stderr, /failed: step 'say' \(task .+\): Error: nobody is there/);
  t.is(failed.stdout, '');
});

test('flow start with a key starts one run at a time, in the queue that is given', async (t) => {
  const { file, folder, run } = await cluster(t);
  const plan = join(folder, 'ask.json');
  await writeFile(plan, (await runHere(['flow', 'check', file, '--flow', 'ask', '--json'])).stdout);
  const options = ['--key', 'k', '--queue', 'images', '--tenant', 'acme', '--priority', '5', '--deadline', '6h'];

  const first = await run('flow', 'start', plan, ...options);
  t.is(first.code, 0, first.stderr);
  const id = first.stdout.trim();
  const again = await run('flow', 'start', file, '--flow', 'ask', ...options);
  t.is(again.stdout.trim(), id);
  t.regex(again.stderr, new RegExp(`${id} has this key and is not finished`));

  let listed: Record<string, unknown>[] = [];
  while (listed.length === 0) listed = documents((await run('flow', 'ls', '--queue', 'images', '--json')).stdout);
  t.deepEqual(
    listed.map(({ run, flow }) => ({ run, flow })),
    [{ run: id, flow: 'ask' }],
  );
  const late = await run('flow', 'start', plan, ...options, '--wait', '--wait-timeout', '10ms');
  t.is(late.code, 1);
  t.regex(late.stderr, /did not finish within 10 ms; it continues/);
});

test('what is wrong with flow start is told before anything is connected', async (t) => {
  const folder = await testFolder(t);
  const file = join(folder, 'flows.mjs');
  await writeFile(file, MODULE);
  const bad: [string[], RegExp][] = [
    [[file], /has 2 flows: give --flow with one of/],
    [[file, '--flow', 'ask', '--input', '{'], /--input: not JSON.*Quote it/],
    [[file, '--flow', 'ask', '--input', `@${join(folder, 'none')}`], /--input: cannot read .*none/],
    [[file, '--flow', 'ask', '--priority', 'x'], /--priority/],
    [[file, '--flow', 'ask', '--deadline', 'soon'], /--deadline/],
    [[file, '--flow', 'ask', '--wait-timeout', '5m'], /--wait-timeout needs --wait/],
    [[join(folder, 'none.mjs')], /no such file/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runHere(['flow', 'start', ...args, '--zk', '127.0.0.1:1']);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});
