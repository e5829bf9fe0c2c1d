import type {
  GroupAnswer,
  GroupsAnswer,
  Questions,
  ResultsAnswer,
  RunAnswer,
  RunsAnswer,
  StepTasksAnswer,
} from '@drover/api';
import { parseTaskId } from '@drover/core';
import type { RunFilter, RunName } from '@drover/flow';
import type { TermView } from './term-view.js';

type View = Pick<TermView, 'flows' | 'isWhole'>;

/** Names of flows whose runs are counted in one answer. */
const MOST_NAMES = 500;

/** Null: the term is still reading. The result of a run is read from its tasks, by whoever wants it. */
export function answerRun({ flows, isWhole }: View, { run }: Questions['run']['ask']): RunAnswer | 'unknown' | null {
  if (!isWhole()) return null;
  const name = runOf(run);
  const view = name === null ? null : (flows()?.view(name) ?? null);
  if (view === null) return 'unknown';
  const { output: _output, ...shown } = view;
  return structuredClone(shown) as unknown as RunAnswer;
}

/** Null: the term is still reading. A page looks at some thousand runs at most, and may have none, and a cursor. */
export function answerRuns({ flows, isWhole }: View, asked: Questions['runs']['ask']): RunsAnswer | null {
  if (!isWhole()) return null;
  const book = flows();
  if (book === null) return { runs: [], next: null, counts: asked.counts ? {} : null };
  const { runs, cursor = null } = book.list(filterOf(asked));
  return { runs, next: cursor, counts: asked.counts ? firstCounts(book.counts()) : null };
}

export function answerGroups({ flows, isWhole }: View, asked: Questions['groups']['ask']): GroupsAnswer | null {
  if (!isWhole()) return null;
  const { groups, cursor = null } = flows()?.groups(filterOf(asked)) ?? { groups: [] };
  return { groups: groups.map((group) => ({ ...group, types: [...group.types] })), next: cursor };
}

export function answerGroup(
  { flows, isWhole }: View,
  { run }: Questions['group']['ask'],
): GroupAnswer | 'unknown' | null {
  if (!isWhole()) return null;
  const name = runOf(run);
  const view = name === null ? null : (flows()?.group(name) ?? null);
  return view === null ? 'unknown' : (structuredClone(view) as unknown as GroupAnswer);
}

export function answerResults(
  { flows, isWhole }: View,
  { run, step }: Questions['results']['ask'],
): ResultsAnswer | 'unknown' | null {
  if (!isWhole()) return null;
  const name = runOf(run);
  const found = name === null ? null : flows()?.results(name, step);
  return found ?? 'unknown';
}

function runOf(text: string): RunName | null {
  const id = parseTaskId(text);
  return id?.cell === '' ? { flow: id.batch, run: id.index } : null;
}

const filterOf = ({ flow, states, queues, limit, after }: Questions['runs']['ask']): RunFilter => ({
  limit,
  ...(flow !== null && { flow }),
  ...(states !== null && { states }),
  ...(queues !== null && { queues }),
  ...(after !== null && { cursor: after }),
});

function firstCounts(counts: ReturnType<NonNullable<ReturnType<View['flows']>>['counts']>): RunsAnswer['counts'] {
  const first: NonNullable<RunsAnswer['counts']> = {};
  let left = MOST_NAMES;
  for (const [name, { counts: of }] of counts) {
    if (left-- === 0) break;
    first[name] = { ...of };
  }
  return first;
}

/** Null: the term is still reading. */
export function answerStepTasks(
  { flows, isWhole }: View,
  { run, step, state, from, limit }: Questions['stepTasks']['ask'],
): StepTasksAnswer | 'unknown' | null {
  if (!isWhole()) return null;
  const name = runOf(run);
  const found = name === null ? null : flows()?.tasksOf(name, step, { from, limit, ...(state !== null && { state }) });
  return found ?? 'unknown';
}
