import test from 'ava';
import type { StepState, StepView } from '../book/model.js';
import { any, dotOf, flow, levelsOf, mermaidOf, type Plan } from '../index.js';

const view = (state: StepState, more: Partial<StepView> = {}): StepView => ({
  ...{ kind: 'task', state, done: state === 'succeeded' ? 1 : 0, of: 1, failed: 0, generation: 0, tasks: [] },
  ...more,
});

const release = flow<{ day: string }>('release', (f) => {
  const list = f.step('list', 'list-files', { day: f.input.day });
  const parsed = f.map('parse', 'parse-file', list.items);
  const check = f.step('check', 'check', {}, { after: parsed, labels: ['ok', '<o"dd>'] });
  const human = f.approve('publish?', { after: check.is('<o"dd>') });
  f.step('publish', 'publish', {}, { after: any(check.is('ok'), human.yes) });
  f.step('cleanup', 'cleanup', {}, { after: parsed.ended });
}).plan;

test('a step is one level below the lowest step that it waits for', (t) => {
  t.deepEqual(levelsOf(release), [['list'], ['parse'], ['check', 'cleanup'], ['publish?'], ['publish']]);
});

test('a chain of 300 steps has 300 levels, and 300 steps beside each other have one', (t) => {
  const deep = flow('deep', (f) => {
    let before = f.step('s0', 'echo', {});
    for (let n = 1; n < 300; n++) before = f.step(`s${n}`, 'echo', {}, { after: before });
  }).plan;
  t.deepEqual(
    levelsOf(deep),
    Array.from({ length: 300 }, (_, n) => [`s${n}`]),
  );
  const wide = flow('wide', (f) => {
    for (let n = 0; n < 300; n++) f.step(`s${n}`, 'echo', {});
  }).plan;
  t.deepEqual(levelsOf(wide), [Array.from({ length: 300 }, (_, n) => `s${n}`)]);
  for (const draw of [mermaidOf, dotOf]) t.is(draw(wide).match(/echo/g)?.length, 300);
});

test('levels follow the edges, whatever the order of the steps in the plan', (t) => {
  const { steps } = release;
  const reversed: Plan = { ...release, steps: Object.fromEntries(Object.entries(steps).reverse()) };
  t.deepEqual(levelsOf(reversed), [['list'], ['parse'], ['cleanup', 'check'], ['publish?'], ['publish']]);
});

test('Mermaid: nodes by kind, labels on edges, dashes where one edge is enough, and names that hold markup', (t) => {
  t.deepEqual(mermaidOf(release).split('\n'), [
    'flowchart TD',
    '  n0["<b>list</b><br/>list-files"]',
    '  n1[["<b>parse</b><br/>parse-file for each item of list"]]',
    '  n2["<b>check</b><br/>check, ends as ok or #60;o#34;dd#62;"]',
    '  n3{{"<b>publish?</b><br/>yes or no"}}',
    '  n4["<b>publish</b><br/>publish"]',
    '  n5["<b>cleanup</b><br/>cleanup"]',
    '  n0 --> n1',
    '  n1 --> n2',
    '  n2 -->|"#60;o#34;dd#62;"| n3',
    '  n2 -.->|"ok"| n4',
    '  n3 -.->|"yes"| n4',
    '  n1 -->|"ended"| n5',
  ]);
});

test('a run: states and counts', (t) => {
  const run = {
    steps: {
      list: view('succeeded'),
      parse: view('running', { kind: 'map', done: 4, of: 10, failed: 1 }),
      check: view('waiting'),
    },
  };
  const mermaid = mermaidOf(release, run);
  t.true(mermaid.includes('<br/>succeeded"]:::succeeded'), mermaid);
  t.true(mermaid.includes('<br/>running, 4 of 10, 1 failed"]]:::running'), mermaid);
  t.true(mermaid.includes('  classDef running '));
  const dot = dotOf(release, run);
  t.true(
    dot.includes('n1 [shape=box3d, label="parse\\nparse-file for each item of list\\nrunning, 4 of 10, 1 failed"'),
  );
});

test('Graphviz: one line a node and a line an edge', (t) => {
  const lines = dotOf(release).split('\n');
  t.is(lines[0], 'digraph "release" {');
  t.is(lines.at(-1), '}');
  t.true(lines.includes('  n3 -> n4 [label="yes", style=dashed]'));
  t.is(lines.filter((line) => line.includes(' -> ')).length, 6);
});
