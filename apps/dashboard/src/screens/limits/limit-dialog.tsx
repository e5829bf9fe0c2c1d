import { NAME_PATTERN } from '@drover/core';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { Field } from '../../ui/field.js';
import { BeforeAfter } from '../before-after.js';
import { because } from '../because.js';
import { ChangeDialog } from '../change-dialog.js';
import type { LimitDoc } from '../shapes.js';
import { formOf, NEW, readForm, type LimitForm } from './limit-form.js';
import { inWords, perWords, scopeWords } from './limit-words.js';

interface LimitDialogProps {
  /** Null: a new one. */
  limit: Pick<LimitDoc, 'name' | 'revision' | 'spec'> | null;
  onClose: () => void;
}

/** A limit as a form; then before and after in words. */
export function LimitDialog({ limit, onClose }: LimitDialogProps): JSX.Element {
  const [start] = useState(limit);
  const [name, setName] = useState(start?.name ?? '');
  const [form, setForm] = useState<LimitForm>(start === null ? NEW : formOf(start.spec));
  const { spec, fault } = readForm(form);
  const before = start?.spec;
  return (
    <ChangeDialog
      title={start === null ? 'New limit' : `Limit ${start.name}`}
      onClose={onClose}
      missing={fault ?? (NAME_PATTERN.test(name) ? null : 'A name is needed: letters, digits, and . _ -')}
      form={
        <div class="fields">
          {start === null && (
            <Field label="Name">
              <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
            </Field>
          )}
          <FormFields form={form} onChange={(some) => setForm({ ...form, ...some })} />
        </div>
      }
      review={
        spec !== null && (
          <>
            <BeforeAfter
              rows={[
                { label: 'Allows', before: before === undefined ? 'no limit' : inWords(before), after: inWords(spec) },
                { label: 'Counts', before: before === undefined ? '' : perWords(before), after: perWords(spec) },
                { label: 'Holds for', before: before === undefined ? '' : scopeWords(before), after: scopeWords(spec) },
              ]}
            />
            <p>A lower limit takes nothing back: no more tasks are handed out until fewer are out than it allows.</p>
          </>
        )
      }
      confirm={start === null ? 'Make limit' : 'Change limit'}
      run={async (reason) => {
        await api.put(
          '/v1/limits/:name',
          { name },
          { spec: { ...spec }, ifRevision: start?.revision ?? 0, ...because(reason) },
        );
        return `Limit ${name} is ${start === null ? 'made' : 'changed'}`;
      }}
    />
  );
}

function FormFields({
  form,
  onChange,
}: {
  form: LimitForm;
  onChange: (some: Partial<LimitForm>) => void;
}): JSX.Element {
  return (
    <>
      <Field label="At a time" hint="The most tasks that are with workers at the same time; empty: no bound">
        <input
          inputMode="numeric"
          value={form.concurrency}
          onInput={({ currentTarget }) => onChange({ concurrency: currentTarget.value })}
        />
      </Field>
      <Field label="Rate" hint="The most attempts that start in a period, such as 100/1s; empty: no bound">
        <input value={form.rate} onInput={({ currentTarget }) => onChange({ rate: currentTarget.value })} />
      </Field>
      <Field label="Burst" hint="So many may start at once after a pause; empty: a tenth of the rate">
        <input
          inputMode="numeric"
          value={form.burst}
          onInput={({ currentTarget }) => onChange({ burst: currentTarget.value })}
        />
      </Field>
      <Field label="Counts">
        <select
          value={form.per}
          onChange={({ currentTarget }) => onChange({ per: currentTarget.value as LimitForm['per'] })}
        >
          <option value="all">all tasks together</option>
          <option value="tenant">each tenant by itself</option>
          <option value="key">each key by itself</option>
        </select>
      </Field>
      <Field label="Holds for">
        <select
          value={form.on}
          onChange={({ currentTarget }) => onChange({ on: currentTarget.value as LimitForm['on'] })}
        >
          <option value="named">tasks that name it</option>
          <option value="some">tasks of a type or a queue</option>
          <option value="all">all tasks</option>
        </select>
      </Field>
      {form.on === 'some' && (
        <>
          <Field label="Type">
            <input value={form.type} onInput={({ currentTarget }) => onChange({ type: currentTarget.value })} />
          </Field>
          <Field label="Queue">
            <input value={form.queue} onInput={({ currentTarget }) => onChange({ queue: currentTarget.value })} />
          </Field>
        </>
      )}
    </>
  );
}
