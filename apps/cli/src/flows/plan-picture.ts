import { afterText, edgesOf, levelsOf, planNotes, stepText, type Plan } from '@drover/flow';
import type { Colors } from '../terminal/colors.js';
import { counted } from '../views/format.js';
import { renderTable } from '../views/table.js';
import { firstOf } from './some-of-level.js';

/** A plan as text for people: a line a step, by level. `most`: so many of a level are shown. Pure. */
export function showPlan(plan: Plan, colors: Colors, { width = Infinity, most = Infinity } = {}): string {
  const steps = Object.values(plan.steps);
  const edges = steps.reduce((sum, { after }) => sum + [...edgesOf(after)].length, 0);
  const levels = levelsOf(plan);
  const counts = [counted(steps.length, 'step'), counted(edges, 'edge'), counted(levels.length, 'level')];
  const rows = levels.flatMap((names, level) => {
    const { shown, left } = firstOf(names, most);
    const lines = shown.map((name, at) => stepRow(plan, name, at === 0 ? String(level + 1) : ''));
    return left.length === 0 ? lines : [...lines, ['', `… ${left.length} more`, '', '', '']];
  });
  const columns = [
    { head: '', align: 'right' },
    { head: 'step', least: 12, paint: colors.bold },
    { head: 'kind' },
    { head: 'what', least: 16, leaveOut: 1 },
    { head: 'after', least: 16 },
  ] as const;
  return [
    `${colors.bold(plan.name)}: ${[...counts, ...planNotes(plan)].join(', ')}`,
    '',
    renderTable(columns, rows, colors, width),
  ].join('\n');
}

function stepRow({ steps }: Plan, name: string, level: string): string[] {
  const step = steps[name];
  if (step === undefined) return [];
  const { finally: isLast, mayFail, kind, after } = step;
  const notes = [...(mayFail === true ? ['may fail'] : []), ...(isLast === true ? ['in any case'] : [])];
  return [level, name, kind, [stepText(step), ...notes].join('; '), isLast === true ? 'all others' : afterText(after)];
}
