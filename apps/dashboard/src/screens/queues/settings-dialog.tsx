import { QUEUE_SETTINGS, type QueueSettingName } from '@drover/core';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { Field } from '../../ui/field.js';
import { count } from '../../ui/format.js';
import { BeforeAfter } from '../before-after.js';
import { ChangeDialog } from '../change-dialog.js';
import type { QueueDoc } from '../shapes.js';
import { changesOf, EDITABLE, flagOf, labelOf, textOf, type SettingChange } from './settings-change.js';

type Texts = Partial<Record<QueueSettingName, string>>;

/** Settings as a form; then before and after. */
export function SettingsDialog({ queue, onClose }: { queue: QueueDoc; onClose: () => void }): JSX.Element {
  // The form stays as it is when the leader tells something new.
  const [start] = useState(queue);
  const [texts, setTexts] = useState<Texts>({});
  const { changes, faults } = changesOf(start, texts);
  const { name } = queue;
  return (
    <ChangeDialog
      title={`Settings of queue ${name}`}
      onClose={onClose}
      missing={
        faults.length > 0 ? 'A value cannot be understood' : changes.length === 0 ? 'Nothing is changed yet' : null
      }
      form={
        <div class="fields">
          {EDITABLE.map((each) => (
            <SettingField
              key={each}
              name={each}
              text={texts[each] ?? textOf(each, start[each])}
              fault={faults.find((fault) => fault.name === each)?.text}
              onText={(text) => setTexts({ ...texts, [each]: text })}
            />
          ))}
        </div>
      }
      review={<Review queue={queue} changes={changes} />}
      confirm="Change settings"
      run={(reason) => change(name, valuesOf(changes), reason)}
      undo={() => change(name, before(start, changes), 'undone')}
    />
  );
}

const valuesOf = (changes: readonly SettingChange[]): Record<string, unknown> =>
  Object.fromEntries(changes.map(({ name, value }) => [name, value]));

/** The settings that take the changes back. A weight of a tenant that was not there becomes 1, which takes it away. */
function before(queue: QueueDoc, changes: readonly SettingChange[]): Record<string, unknown> {
  const { changes: back } = changesOf(
    { ...queue, ...valuesOf(changes) },
    Object.fromEntries(changes.map(({ name }) => [name, textOf(name, queue[name])])),
  );
  return valuesOf(back);
}

async function change(name: string, settings: Record<string, unknown>, reason: string | undefined): Promise<string> {
  await api.patch('/v1/queues/:name', { name }, { settings, ...(reason === undefined ? {} : { reason }) });
  return `Settings of queue ${name} are changed`;
}

interface SettingFieldProps {
  name: QueueSettingName;
  text: string;
  fault: string | undefined;
  onText: (text: string) => void;
}

function SettingField({ name, text, fault, onText }: SettingFieldProps): JSX.Element {
  const { shape } = QUEUE_SETTINGS[name];
  return (
    <Field label={labelOf(name)} hint={flagOf(name)?.describe} error={fault}>
      {shape.kind === 'choice' ? (
        <select value={text} onChange={({ currentTarget }) => onText(currentTarget.value)}>
          {shape.of.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input value={text} onInput={({ currentTarget }) => onText(currentTarget.value)} />
      )}
    </Field>
  );
}

function Review({ queue, changes }: { queue: QueueDoc; changes: readonly SettingChange[] }): JSX.Element {
  return (
    <>
      <BeforeAfter rows={changes.map(({ name, ...texts }) => ({ label: labelOf(name), ...texts }))} />
      <p>
        It has {count(queue.pending)} pending and {count(queue.out)} out now. What is out goes on; the leader heeds the
        new settings from the next task on.
      </p>
    </>
  );
}
