import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../../app/router.js';
import { api } from '../../data/api.js';
import type { Schedule } from '../../data/types.js';
import { Action } from '../../ui/action.js';
import { ask } from '../../ui/dialog.js';
import { because } from '../because.js';
import { BackfillDialog } from './backfill-dialog.js';
import { DefinitionDialog } from './definition-dialog.js';
import { startedBy } from './started.js';

/** The actions on a schedule. */
export function ScheduleActions({ schedule }: { schedule: Schedule }): JSX.Element {
  const [open, setOpen] = useState<'definition' | 'backfill' | null>(null);
  const close = (): void => setOpen(null);
  return (
    <>
      <Action permission="operate" action="submit" icon="bolt" onClick={() => askTrigger(schedule)}>
        Trigger
      </Action>
      {schedule.paused === null ? (
        <Action permission="operate" action="pause" icon="pause" onClick={() => askPause(schedule)}>
          Pause
        </Action>
      ) : (
        <Action permission="operate" action="pause" icon="play" tone="primary" onClick={() => askResume(schedule)}>
          Resume
        </Action>
      )}
      <Action permission="operate" action="submit" icon="again" onClick={() => setOpen('backfill')}>
        Back-fill
      </Action>
      <Action permission="define" action="define" icon="settings" onClick={() => setOpen('definition')}>
        Edit
      </Action>
      <Action permission="operate" action="define" icon="clock" onClick={() => askReset(schedule)}>
        Reset
      </Action>
      <Action permission="define" action="define" icon="trash" onClick={() => askRemove(schedule)}>
        Remove
      </Action>
      {open === 'definition' && <DefinitionDialog schedule={schedule} onClose={close} />}
      {open === 'backfill' && <BackfillDialog schedule={schedule} onClose={close} />}
    </>
  );
}

type Named = Pick<Schedule, 'name'>;

function askReset({ name }: Named): void {
  ask({
    title: `Reset schedule ${name}?`,
    body: (
      <p>
        Every time up to now counts as decided: its next fire is the first one after now. For after a clock was wrong.
      </p>
    ),
    confirm: 'Reset schedule',
    reason: 'required',
    run: async (reason) => {
      await api.post('/v1/schedules/:name/reset', { name }, { mark: 'now', ...because(reason) });
      return `Schedule ${name} is reset`;
    },
  });
}

export function askTrigger({ name, paused, running }: Pick<Schedule, 'name' | 'paused' | 'running'>): void {
  ask({
    title: `Trigger schedule ${name}?`,
    body: (
      <p>
        It fires once, now{paused === null ? '' : ', although it is paused'}. Its other times stay as they are.
        {running.length > 0 && ' A fire of it has not ended: its overlap policy decides whether this one runs.'}
      </p>
    ),
    confirm: 'Trigger now',
    reason: 'optional',
    run: async (reason) => {
      const { kind, id } = startedBy(await api.post('/v1/schedules/:name/trigger', { name }, because(reason)));
      return `Schedule ${name} fired: ${kind} ${id}`;
    },
  });
}

export function askPause({ name }: Named): void {
  ask({
    title: `Pause schedule ${name}?`,
    body: (
      <p>
        It fires at none of its times until somebody resumes it. Times during a pause are not caught up. Tasks that it
        made go on.
      </p>
    ),
    confirm: 'Pause schedule',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await api.post('/v1/schedules/:name/pause', { name }, because(reason));
      return `Schedule ${name} is paused`;
    },
    undo: () => resume(name, 'undone'),
  });
}

export function askResume({ name }: Named): void {
  ask({
    title: `Resume schedule ${name}?`,
    body: <p>It fires at its next time. Nothing of the pause is caught up; a back-fill can do that.</p>,
    confirm: 'Resume schedule',
    reason: 'optional',
    run: async (reason) => {
      await resume(name, reason);
      return `Schedule ${name} is resumed`;
    },
  });
}

const resume = (name: string, reason: string | undefined): Promise<unknown> =>
  api.post('/v1/schedules/:name/resume', { name }, because(reason));

function askRemove({ name, waiting }: Pick<Schedule, 'name' | 'waiting'>): void {
  ask({
    title: `Remove schedule ${name}?`,
    body: (
      <p>
        Its definition and its counts are gone.{' '}
        {waiting.length > 0 && `${waiting.length} waiting fires are cancelled. `}Tasks that run go on.
      </p>
    ),
    confirm: 'Remove schedule',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await api.delete('/v1/schedules/:name', { name, ...because(reason) });
      go('/schedules');
      return `Schedule ${name} is removed`;
    },
  });
}
