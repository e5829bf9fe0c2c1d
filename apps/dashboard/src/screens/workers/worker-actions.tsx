import type { JSX } from 'preact';
import { api } from '../../data/api.js';
import type { Worker } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { ask } from '../../ui/dialog.js';
import { count, counted } from '../../ui/format.js';
import { because } from '../because.js';

export function WorkerActions({ worker }: { worker: Worker }): JSX.Element {
  return worker.state === 'draining' ? (
    <Action permission="operate" action="drain" icon="play" tone="primary" onClick={() => askUndrain(worker)}>
      Undrain
    </Action>
  ) : (
    <Action permission="operate" action="drain" icon="pause" onClick={() => askDrain(worker)}>
      Drain
    </Action>
  );
}

type Named = Pick<Worker, 'name'>;

export function askDrain({ name, out, types }: Pick<Worker, 'name' | 'out' | 'types'>): void {
  const left =
    out === 0
      ? 'Nothing is on it now'
      : out === 1
        ? 'The task that is on it goes on'
        : `The ${count(out)} tasks that are on it go on`;
  ask({
    title: `Drain worker ${name}?`,
    body: (
      <p>
        It gets no more tasks. {left}; the process stays and can be undrained. Tasks of its{' '}
        {counted(types.length, 'type')} wait if no other worker offers them.
      </p>
    ),
    confirm: 'Drain worker',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await api.post('/v1/workers/:name/drain', { name }, because(reason));
      return `Worker ${name} drains`;
    },
    undo: () => undrain(name, 'undone'),
  });
}

export function askUndrain({ name }: Named): void {
  ask({
    title: `Undrain worker ${name}?`,
    body: <p>It gets tasks again.</p>,
    confirm: 'Undrain worker',
    reason: 'optional',
    run: async (reason) => {
      await undrain(name, reason);
      return `Worker ${name} gets tasks again`;
    },
  });
}

const undrain = (name: string, reason: string | undefined): Promise<unknown> =>
  api.post('/v1/workers/:name/undrain', { name }, because(reason));
