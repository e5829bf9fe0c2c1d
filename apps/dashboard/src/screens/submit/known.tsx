import { TYPE_PATTERN } from '@drover/core';
import type { JSX } from 'preact';
import { useQuery } from '../../data/query.js';
import { Field } from '../../ui/field.js';
import type { Draft } from './draft.js';

/** Type and queue, with the names that are known. */
export function Known({ draft, onChange }: { draft: Draft; onChange: (some: Partial<Draft>) => void }): JSX.Element {
  const workers = useQuery('/v1/workers', { limit: 500 }, { topics: ['workers'], gapMs: 5_000 });
  const queues = useQuery('/v1/queues', { limit: 500 });
  const types = [...new Set(workers.data?.items.flatMap((worker) => worker.types))].sort();
  const { type, options } = draft;
  const isUnknown = type !== '' && workers.data !== undefined && !types.includes(type);
  return (
    <div class="fields">
      <Field
        label="Type"
        hint={
          isUnknown ? (
            <span class="warn-text">No worker offers this type now: the task waits until one does</span>
          ) : (
            'Names the handler that runs it'
          )
        }
        error={type !== '' && !TYPE_PATTERN.test(type) ? 'A type has letters, digits, and . _ : / -' : undefined}
      >
        <input
          data-filter
          list="known-types"
          required
          autocomplete="off"
          value={type}
          onInput={({ currentTarget }) => onChange({ type: currentTarget.value.trim() })}
        />
      </Field>
      <Field label="Queue" hint="Queues need no declaring">
        <input
          list="known-queues"
          autocomplete="off"
          placeholder="default"
          value={options.queue ?? ''}
          onInput={({ currentTarget }) =>
            onChange({ options: withOption(options, 'queue', currentTarget.value.trim()) })
          }
        />
      </Field>
      <datalist id="known-types">
        {types.slice(0, 500).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="known-queues">
        {queues.data?.items.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}

/** An empty text takes an option away. */
export function withOption(options: Draft['options'], name: keyof Draft['options'], text: string): Draft['options'] {
  const { [name]: _, ...rest } = options;
  return text === '' ? rest : { ...rest, [name]: text };
}
