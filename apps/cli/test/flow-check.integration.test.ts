import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { documents, testFolder } from './drover.js';
import { runHere } from './run-here.js';

/** The copy of the library that a module of a user imports. */
const FLOW = import.meta.resolve('@drover/flow');
const MODULE = `import { flow } from ${JSON.stringify(FLOW)};
export const nightly = flow('nightly', (f) => {
  const list = f.step('list', 'list-files', { day: f.input.day });
  f.map('parse', 'parse-file', list.items);
});
export const hourly = flow('every-hour', (f) => { f.step('ping', 'ping', {}); });
export const other = 7;
`;

test('flow check prints the graph of each flow of a file, or of the one that is named', async (t) => {
  const file = join(await testFolder(t), 'flows.mjs');
  await writeFile(file, MODULE);
  const all = await runHere(['flow', 'check', file]);
  t.is(all.code, 0, all.stderr);
  t.regex(all.stdout, /^nightly: 2 steps, 1 edge, 2 levels$/m);
  t.regex(all.stdout, /^2 +parse +map +parse-file for each item of list +list$/m);
  t.regex(all.stdout, /^every-hour: 1 step, 0 edges, 1 level$/m);
  for (const name of ['hourly', 'every-hour']) {
    const one = await runHere(['flow', 'check', file, '--flow', name, '--json']);
    t.deepEqual(
      documents(one.stdout).map(({ name, v }) => ({ name, v })),
      [{ name: 'every-hour', v: 1 }],
    );
  }
  t.regex((await runHere(['flow', 'check', file, '--flow', 'nightly', '--mermaid'])).stdout, /^flowchart TD\n {2}n0\[/);
  t.regex((await runHere(['flow', 'check', file, '--flow', 'nightly', '--dot'])).stdout, /^digraph "nightly" \{\n/);
});

test('the plan that --json prints is a file that flow check reads', async (t) => {
  const folder = await testFolder(t);
  const file = join(folder, 'flows.mjs');
  await writeFile(file, MODULE);
  const plan = join(folder, 'plan.json');
  const { stdout } = await runHere(['flow', 'check', file, '--flow', 'nightly', '--json']);
  await writeFile(plan, stdout);
  t.is((await runHere(['flow', 'check', plan, '--json'])).stdout, stdout);
});

test('a file that has no flow, or one that cannot run, is refused with the reason and code 2', async (t) => {
  const folder = await testFolder(t);
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const flow = `import { flow } from ${JSON.stringify(FLOW)};\n`;
  const circle = {
    ...{ v: 1, name: 'circle' },
    steps: {
      list: { kind: 'task', type: 'a', input: {}, after: { all: [{ step: 'parse' }] } },
      parse: { kind: 'task', type: 'b', input: {}, after: { all: [{ step: 'list' }] } },
    },
  };
  const good = await write('good.mjs', MODULE);
  const bad: [string[], RegExp][] = [
    [[join(folder, 'nosuch.mjs')], /no such file: .*nosuch\.mjs/],
    [[folder], /is a folder; expected a file that exports flows/],
    [[await write('seven.mjs', 'export const a = 7, b = 8;')], /exports a, b, none of which is a flow/],
    [[await write('nothing.mjs', '')], /it exports nothing/],
    [[await write('broken.mjs', 'export const = 7')], /broken\.mjs cannot be loaded: SyntaxError: /],
    [[await write('throws.mjs', 'null.x')], /throws\.mjs cannot be loaded: TypeError: /],
    [
      [await write('type.mjs', `${flow}export default flow('x', (f) => { f.step('a', 'no type!', {}); });`)],
      /type\.mjs: .*type/,
    ],
    [[await write('circle.json', JSON.stringify(circle))], /flow 'circle' cannot be run: .*parse → list → parse/],
    [[await write('text.json', 'nightly')], /it is not JSON/],
    [[good, '--flow', 'nightli'], /no flow 'nightli'; did you mean 'nightly'\?/],
    [[good, '--mermaid', '--dot'], /give --mermaid or --dot, not both/],
    [[], /file/],
  ];
  for (const [args, message] of bad) {
    const { code, stdout, stderr } = await runHere(['flow', 'check', ...args]);
    t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    t.is(stdout, '');
    t.regex(stderr, message);
  }
});

test('a default export is the flow that is meant; exported twice it counts once', async (t) => {
  const folder = await testFolder(t);
  await symlink(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  const file = join(folder, 'flow.mjs');
  await writeFile(
    file,
    `import { flow } from '@drover/flow';\nexport const one = flow('one', (f) => { f.step('a', 'b', {}); });\nexport default one;`,
  );
  const { stdout, stderr } = await runHere(['flow', 'check', file]);
  t.is(stdout.match(/^one: 1 step/gm)?.length, 1, stderr);
});
