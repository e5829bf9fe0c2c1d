import type { StepState } from '../book/model.js';
import type { Plan, StepKind } from '../plan.js';
import { graphOf, type ShownRun } from './graph.js';

/** A digraph for Graphviz (`dot`). `run`: with its states. */
export function dotOf(plan: Plan, run?: ShownRun): string {
  const { nodes, arrows } = graphOf(plan, run);
  const lines = [`digraph ${quoted(plan.name)} {`, '  node [fontname="sans-serif", style=filled, fillcolor=white]'];
  for (const { id, name, kind, lines: below, state } of nodes) {
    const color = state === undefined ? '' : `, fillcolor="${COLORS[state]}"`;
    lines.push(`  ${id} [shape=${SHAPES[kind]}, label=${quoted([name, ...below].join('\n'))}${color}]`);
  }
  for (const { from, to, label, isAny } of arrows) {
    const marks = [...(label === '' ? [] : [`label=${quoted(label)}`]), ...(isAny ? ['style=dashed'] : [])];
    lines.push(`  ${from} -> ${to}${marks.length === 0 ? '' : ` [${marks.join(', ')}]`}`);
  }
  return [...lines, '}'].join('\n');
}

const SHAPES: Readonly<Record<StepKind, string>> = {
  task: 'box',
  map: 'box3d',
  reduce: 'invtrapezium',
  sleep: 'oval',
  until: 'oval',
  signal: 'hexagon',
  flow: 'component',
};

const COLORS: Readonly<Record<StepState, string>> = {
  waiting: '#f6f6f6',
  running: '#dbeafe',
  succeeded: '#dcfce7',
  failed: '#fee2e2',
  cancelled: '#fef3c7',
  skipped: '#ffffff',
};

const quoted = (text: string): string =>
  `"${text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    // eslint-disable-next-line no-control-regex -- text of others
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')}"`;
