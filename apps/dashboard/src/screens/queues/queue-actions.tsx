import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { Action } from '../../ui/action.js';
import { openBulk } from '../../ui/bulk.js';
import { ask } from '../../ui/dialog.js';
import { counted } from '../../ui/format.js';
import { because } from '../because.js';
import type { QueueDoc } from '../shapes.js';
import { SettingsDialog } from './settings-dialog.js';

/** The actions on a queue. */
export function QueueActions({ queue }: { queue: QueueDoc }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Action
        permission="operate"
        action="bulk"
        icon="again"
        onClick={() => openBulk({ action: 'retry', filter: `state:failed queue:${queue.name}` })}
      >
        Retry failed
      </Action>
      <Action permission="define" action="define" icon="settings" onClick={() => setOpen(true)}>
        Settings
      </Action>
      {queue.paused ? (
        <Action permission="operate" action="pause" icon="play" tone="primary" onClick={() => askResume(queue)}>
          Resume
        </Action>
      ) : (
        <Action permission="operate" action="pause" icon="pause" onClick={() => askPause(queue)}>
          Pause
        </Action>
      )}
      {isOpen && <SettingsDialog queue={queue} onClose={() => setOpen(false)} />}
    </>
  );
}

export function askPause({ name, pending, out }: Pick<QueueDoc, 'name' | 'pending' | 'out'>): void {
  ask({
    title: `Pause queue ${name}?`,
    body: (
      <p>
        None of its tasks is started until somebody resumes it: the {counted(pending, 'task')} that{' '}
        {pending === 1 ? 'waits' : 'wait'} now, and all that come. The {counted(out, 'task')} that{' '}
        {out === 1 ? 'is' : 'are'} out {out === 1 ? 'goes' : 'go'} on.
      </p>
    ),
    confirm: 'Pause queue',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await api.post('/v1/queues/:name/pause', { name }, because(reason));
      return `Queue ${name} is paused`;
    },
    undo: () => resume(name, 'undone'),
  });
}

export function askResume({ name, pending }: Pick<QueueDoc, 'name' | 'pending'>): void {
  ask({
    title: `Resume queue ${name}?`,
    body: (
      <p>
        Its tasks are started again: {counted(pending, 'task')} {pending === 1 ? 'waits' : 'wait'}.
      </p>
    ),
    confirm: 'Resume queue',
    reason: 'optional',
    run: async (reason) => {
      await resume(name, reason);
      return `Queue ${name} is resumed`;
    },
  });
}

const resume = (name: string, reason: string | undefined): Promise<unknown> =>
  api.post('/v1/queues/:name/resume', { name }, because(reason));
