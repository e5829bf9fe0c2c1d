import { Definitions } from './definitions.js';
import { pairFaults } from './faults.js';
import { Grouping, historyOf } from './grouping.js';
import type { Entry, HistoryName } from './history.js';
import { leaderlessAfter, timesOf } from './leaderless.js';
import { overallVerdict, type Report, type RuleReport, type Statistics } from './report.js';
import { RUN_RULES, SUBJECT_RULES, TASK_RULES } from './rules/all-rules.js';
import type { Run } from './rules/rule.js';
import { judgeRun, Scoreboard, SubjectBoard } from './scoreboard.js';
import { resolveSettings, type Settings } from './settings.js';
import type { Source } from './sources/source.js';
import { Spool } from './spool.js';
import { entriesOf, subjectsOf, type Subject, type SubjectKind } from './subjects.js';
import { Tally } from './tally.js';
import { sortByTime, type TaskEntry } from './task-history.js';
import { calmWaitOf } from './waits.js';

/** The records of a run. An empty history says that nothing happened; one that is absent says nothing. */
export interface Histories {
  operations: Source;
  effects: Source;
  resource?: Source | undefined;
  faults?: Source | undefined;
  samples?: Source | undefined;
  definitions?: Source | undefined;
}

const OF_TASKS = ['operations', 'effects', 'resource'] as const;

/**
 * Checks every rule. Reads each history once; entries beyond the bound of memory wait in temporary files. Throws
 * `HistoryError` for a line that is no entry: nothing is judged then. `signal` ends it early, with its reason.
 */
export async function verify(
  histories: Histories,
  settings: Partial<Settings> = {},
  signal?: AbortSignal,
): Promise<Report> {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const told = await readRun(histories, resolveSettings(settings), note);
  const grouping = new Grouping();
  const subjects = new Spool<TaskEntry>();
  try {
    for (const name of OF_TASKS)
      for await (const entries of histories[name]?.read(name, note) ?? []) {
        signal?.throwIfAborted();
        await grouping.add(entries.map((entry) => ({ from: name, entry }) as TaskEntry));
      }
    const { tally, calmWaitMs } = await lookOver(grouping, subjects, told);
    return { ...(await judge(grouping, subjects, { ...told, calmWaitMs }, tally)), notes };
  } finally {
    await Promise.all([grouping.close(), subjects.close()]);
  }
}

/** The facts about the run before its tasks. */
type Told = Omit<Run, 'calmWaitMs'>;

async function readRun(histories: Histories, settings: Settings, note: (text: string) => void): Promise<Told> {
  const [faults, samples] = [await readAll('faults', histories, note), await readAll('samples', histories, note)];
  const definitions = new Definitions(await readAll('definitions', histories, note));
  const given = new Set(Object.entries(histories).flatMap(([name, source]) => (source ? [name as HistoryName] : [])));
  return { settings, given, faults: pairFaults(faults), samples, definitions };
}

async function readAll<Name extends 'faults' | 'samples' | 'definitions'>(
  name: Name,
  histories: Histories,
  note: (text: string) => void,
): Promise<Entry<Name>[]> {
  const all: Entry<Name>[] = [];
  for await (const entries of histories[name]?.read(name, note) ?? []) for (const entry of entries) all.push(entry);
  sortByTime(all);
  return all;
}

/**
 * The facts about all tasks that are needed before one can be judged. The entries of tasks that share something are
 * gathered in `subjects` once more, for the laws about all of them.
 */
async function lookOver(
  grouping: Grouping,
  subjects: Spool<TaskEntry>,
  told: Told,
): Promise<{ tally: Tally; calmWaitMs: number }> {
  const tally = new Tally();
  let calmWaitMs = 0;
  for await (const tasks of grouping.tasks()) {
    for (const task of tasks) {
      tally.add(task);
      calmWaitMs = Math.max(calmWaitMs, calmWaitOf(task, told));
      for (const subject of subjectsOf(task, told.definitions))
        await subjects.add(Array.from(entriesOf(task), (entry) => [JSON.stringify(subject), entry]));
    }
  }
  return { tally, calmWaitMs };
}

async function judge(
  grouping: Grouping,
  subjects: Spool<TaskEntry>,
  run: Run,
  tally: Tally,
): Promise<Omit<Report, 'notes'>> {
  const boards = TASK_RULES.map((rule) => new Scoreboard(rule, run));
  for await (const tasks of grouping.tasks()) for (const task of tasks) for (const board of boards) board.add(task);
  const rules = [
    ...boards.map((board) => board.report()),
    ...(await judgeSubjects(subjects, run)),
    ...RUN_RULES.map((rule) => judgeRun(rule, run, tally)),
  ];
  const beganAt = Math.min(tally.beganAt, run.faults[0]?.begin ?? Infinity, run.samples[0]?.at ?? Infinity);
  return { verdict: overallVerdict(rules), rules, statistics: statisticsOf(tally, run), beganAt };
}

async function judgeSubjects(subjects: Spool<TaskEntry>, run: Run): Promise<RuleReport[]> {
  const boards = SUBJECT_RULES.map((rule) => new SubjectBoard(rule, run));
  // A schedule that never fired is judged as well.
  const silent = new Set(run.definitions.schedules);
  for await (const groups of subjects.groups())
    for (const [subject, entries] of groups) {
      const [kind, name] = JSON.parse(subject) as [SubjectKind, string];
      if (kind === 'schedule') silent.delete(name);
      for (const board of boards) board.add({ kind, name, tasks: tasksIn(entries) });
    }
  for (const name of silent) for (const board of boards) board.add({ kind: 'schedule', name, tasks: [] });
  return boards.map((board) => board.report());
}

function tasksIn(entries: readonly TaskEntry[]): Subject['tasks'] {
  const byTask = new Map<string, TaskEntry[]>();
  for (const entry of entries) {
    const own = byTask.get(entry.entry.task);
    if (own === undefined) byTask.set(entry.entry.task, [entry]);
    else own.push(entry);
  }
  return Array.from(byTask, ([task, own]) => historyOf(task, own));
}

function statisticsOf({ tasks, acknowledged, starts, reassignments, fencedWrites }: Tally, run: Run): Statistics {
  const faults: Record<string, number> = {};
  for (const { fault } of run.faults) faults[fault] = (faults[fault] ?? 0) + 1;
  const timesAfter = (how: 'killed' | 'stopped') => timesOf(leaderlessAfter(how, run));
  const leaderless = { killed: timesAfter('killed'), stopped: timesAfter('stopped') };
  return { tasks, acknowledged, starts, reassignments, fencedWrites, faults, leaderless };
}
