import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { go } from '../app/router.js';
import { api } from '../data/api.js';
import type { Task } from '../data/types.js';
import { Field } from '../ui/field.js';
import { because } from './because.js';
import { ChangeDialog } from './change-dialog.js';
import { useKnownNames } from './known-names.js';
import { changeIn, consequencesOf, UNCHANGED, type ChangeForm } from './task-change.decide.js';

const WHEN: readonly [ChangeForm['when'], string][] = [
  ['as-it-is', 'as it is'],
  ['now', 'now'],
  ['later', 'not before'],
];

/** Priority, queue and time of a task that waits; then what the change means. */
export function TaskChangeDialog({ task, onClose }: { task: Task; onClose: () => void }): JSX.Element {
  const [form, setForm] = useState(UNCHANGED);
  const set = (some: Partial<ChangeForm>): void => setForm((before) => ({ ...before, ...some }));
  const wanted = changeIn(form, task);
  const change = 'change' in wanted ? wanted.change : {};
  return (
    <ChangeDialog
      title={`Change ${task.type}`}
      onClose={onClose}
      missing={'missing' in wanted ? wanted.missing : null}
      form={<Controls task={task} form={form} onChange={set} />}
      review={
        <>
          {consequencesOf(change).map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </>
      }
      confirm="Change task"
      reason="optional"
      run={async (reason) => {
        const { moved } = await api.patch('/v1/tasks/:id', { id: task.id }, { ...change, ...because(reason) });
        if (moved !== undefined) go(`/tasks/${encodeURIComponent(moved)}`);
        return moved === undefined ? 'The task is changed' : `The task goes on as ${moved}`;
      }}
    />
  );
}

interface ControlsProps {
  task: Task;
  form: ChangeForm;
  onChange: (some: Partial<ChangeForm>) => void;
}

function Controls({ task, form, onChange }: ControlsProps): JSX.Element {
  const { queue } = useKnownNames();
  return (
    <>
      <Field label="Queue" hint="Queues need no declaring">
        <input
          list="queues-to-change-to"
          autocomplete="off"
          placeholder={task.queue}
          value={form.queue}
          onInput={({ currentTarget }) => onChange({ queue: currentTarget.value })}
        />
      </Field>
      <datalist id="queues-to-change-to">
        {queue.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label="Priority" hint="-9 to 9, within its tenant; larger ones come first">
        <input
          inputMode="numeric"
          placeholder={String(task.priority ?? 0)}
          value={form.priority}
          onInput={({ currentTarget }) => onChange({ priority: currentTarget.value })}
        />
      </Field>
      <fieldset class="choice">
        <legend>Starts</legend>
        {WHEN.map(([when, text]) => (
          <label key={when} class="check">
            <input type="radio" name="when" checked={form.when === when} onChange={() => onChange({ when })} />
            {text}
          </label>
        ))}
      </fieldset>
      {form.when === 'later' && (
        <Field label="From now" hint="30s, 5m, 2h; a year at most">
          <input value={form.delay} onInput={({ currentTarget }) => onChange({ delay: currentTarget.value })} />
        </Field>
      )}
    </>
  );
}
