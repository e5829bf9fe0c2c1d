/**
 * The life of a task as a table. Types, the guard of the leader's ledger, the diagram in `docs/states.md` and the
 * property tests are drawn from it; `STATE_MEANINGS` says what each state is.
 */
export const TASK_TRANSITIONS = {
  scheduled: ['pending', 'failed', 'cancelled'],
  pending: ['assigned', 'failed', 'cancelled'],
  assigned: ['running', 'pending', 'retrying', 'succeeded', 'failed', 'cancelled'],
  running: ['pending', 'retrying', 'succeeded', 'failed', 'cancelled'],
  retrying: ['pending', 'failed', 'cancelled'],
  succeeded: [],
  failed: ['pending'],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskState = keyof typeof TASK_TRANSITIONS;
export const TASK_STATES = Object.keys(TASK_TRANSITIONS) as readonly TaskState[];

/**
 * The states of a task as readers show them. `unreadable`: its batch needs a feature that the reader does not
 * understand, so it cannot tell.
 */
export type ShownState = TaskState | 'unreadable';
export const SHOWN_STATES: readonly ShownState[] = [...TASK_STATES, 'unreadable'];

export type FinalState = 'succeeded' | 'failed' | 'cancelled';
export const FINAL_STATES = ['succeeded', 'failed', 'cancelled'] as const satisfies readonly FinalState[];

export function isFinal(state: ShownState): state is FinalState {
  return (FINAL_STATES as readonly ShownState[]).includes(state);
}

export function canMove(from: TaskState, to: TaskState): boolean {
  return (TASK_TRANSITIONS[from] as readonly TaskState[]).includes(to);
}

const STATE_MEANINGS: Readonly<Record<TaskState, string>> = {
  scheduled: 'not due yet, or its unique key holds it back',
  pending: 'due, waits for a worker',
  assigned: 'handed to a worker, which has not said that it began',
  running: 'the worker said that it began',
  retrying: 'an attempt ended badly, the next one is not due yet',
  succeeded: 'final: its result is stored',
  failed:
    'final: no attempt is left, its handler rejected it, it expired, its deadline is over or its key is in use with another mode; `drover retry` makes it pending again',
  cancelled: 'final: somebody asked for it, or another task runs in its place',
};

/** `docs/states.md`. */
export function statesDocument(): string {
  const rows = TASK_STATES.map((state) => `| \`${state}\` | ${STATE_MEANINGS[state]} |`);
  const moves = TASK_STATES.flatMap((from) => TASK_TRANSITIONS[from].map((to) => `  ${from} --> ${to}`));
  return [
    '# States of a task',
    '',
    '<!-- Made by `node tools/states.mjs` from libs/core/src/states.ts. Change that. -->',
    '',
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> scheduled: with a delay',
    '  [*] --> pending',
    ...moves,
    ...FINAL_STATES.map((state) => `  ${state} --> [*]`),
    '```',
    '',
    '| state | what |',
    '| --- | --- |',
    ...rows,
    '',
    'The leader counts what is assigned and what runs together, as `out`: only workers say which of them have begun. It refuses any',
    'other move as a fault of its own, and its term ends. How the ends of attempts make a state is one function, `foldEnd`',
    'of `@drover/core`: leader, next leader, clients and commands all ask it.',
    '',
  ].join('\n');
}
