import type { StepState } from '../book/model.js';
import type { Plan, StepKind } from '../plan.js';
import { graphOf, type ShownRun } from './graph.js';

/** A flowchart for Mermaid. `run`: with its states. */
export function mermaidOf(plan: Plan, run?: ShownRun): string {
  const { nodes, arrows } = graphOf(plan, run);
  const lines = ['flowchart TD'];
  for (const { id, name, kind, lines: below, state } of nodes) {
    const [open, close] = SHAPES[kind];
    const text = [`<b>${escape(name)}</b>`, ...below.map(escape)].join('<br/>');
    lines.push(`  ${id}${open}"${text}"${close}${state === undefined ? '' : `:::${state}`}`);
  }
  for (const { from, to, label, isAny } of arrows) {
    const arrow = isAny ? '-.->' : '-->';
    lines.push(`  ${from} ${arrow}${label === '' ? '' : `|"${escape(label)}"|`} ${to}`);
  }
  if (run !== undefined)
    for (const [state, style] of Object.entries(STYLES)) lines.push(`  classDef ${state} ${style}`);
  return lines.join('\n');
}

const SHAPES: Readonly<Record<StepKind, readonly [string, string]>> = {
  task: ['[', ']'],
  map: ['[[', ']]'],
  reduce: ['[/', '\\]'],
  sleep: ['(', ')'],
  until: ['(', ')'],
  signal: ['{{', '}}'],
  flow: ['([', '])'],
};

const STYLES: Readonly<Record<StepState, string>> = {
  waiting: 'fill:#f6f6f6,stroke:#999,color:#555',
  running: 'fill:#dbeafe,stroke:#1d4ed8,color:#111',
  succeeded: 'fill:#dcfce7,stroke:#15803d,color:#111',
  failed: 'fill:#fee2e2,stroke:#b91c1c,color:#111',
  cancelled: 'fill:#fef3c7,stroke:#a16207,color:#111',
  skipped: 'fill:#fff,stroke:#bbb,color:#888,stroke-dasharray:4',
};

/** Quotes end a text, and angle brackets begin markup. */
const escape = (text: string): string =>
  text
    .replace(/[#&<>"`]/g, (character) => `#${character.charCodeAt(0)};`)
    // eslint-disable-next-line no-control-regex -- text of others
    .replace(/[\u0000-\u001f\u007f]+/g, ' ');
