import { NAME_PATTERN } from '@drover/core';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { problemOf } from '../../data/problem.js';
import type { Schedule } from '../../data/types.js';
import { Field } from '../../ui/field.js';
import { ChangeDialog } from '../change-dialog.js';
import { because } from '../because.js';
import type { FireTime } from '../shapes.js';
import { EXAMPLE, readDefinition } from './definition.js';

interface DefinitionDialogProps {
  /** Null: a new one. */
  schedule: Pick<Schedule, 'name' | 'revision' | 'spec'> | null;
  onClose: () => void;
}

/** The definition as JSON; then the times that it would have. */
export function DefinitionDialog({ schedule, onClose }: DefinitionDialogProps): JSX.Element {
  const [start] = useState(schedule);
  const [name, setName] = useState(start?.name ?? '');
  const [text, setText] = useState(start === null ? EXAMPLE : JSON.stringify(start.spec, null, 2));
  const { spec, fault } = readDefinition(text);
  const missing = fault ?? (NAME_PATTERN.test(name) ? null : 'A name is needed: letters, digits, and . _ -');
  const put = async (to: Record<string, unknown>, revision: number, reason: string | undefined): Promise<string> => {
    await api.put(
      '/v1/schedules/:name',
      { name },
      { spec: to as unknown as Spec, ifRevision: revision, ...because(reason) },
    );
    return `Schedule ${name} is ${start === null ? 'made' : 'changed'}`;
  };
  return (
    <ChangeDialog
      title={start === null ? 'New schedule' : `Definition of schedule ${start.name}`}
      onClose={onClose}
      missing={missing}
      form={
        <>
          {start === null && (
            <Field label="Name">
              <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
            </Field>
          )}
          <Field
            label="Definition"
            hint="JSON: when, run, overlap, catchUp, as docs/schedules.md has them"
            error={fault ?? undefined}
          >
            <textarea
              class="mono"
              rows={14}
              spellcheck={false}
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </Field>
        </>
      }
      review={spec === null ? null : <Review name={name} spec={spec} before={start?.spec ?? null} />}
      confirm={start === null ? 'Make schedule' : 'Change schedule'}
      run={(reason) => put(spec ?? {}, start?.revision ?? 0, reason)}
    />
  );
}

interface Spec {
  [field: string]: unknown;
  when: unknown;
  run: { [field: string]: unknown; type: string };
}

function Review({
  name,
  spec,
  before,
}: {
  name: string;
  spec: Record<string, unknown>;
  before: Record<string, unknown> | null;
}): JSX.Element {
  return (
    <div class="columns">
      {before !== null && <Times head="Before" name={name} spec={before} />}
      <Times head={before === null ? 'It would fire' : 'After'} name={name} spec={spec} />
    </div>
  );
}

/** The next times of a definition, or why it has none. */
function Times({ head, name, spec }: { head: string; name: string; spec: Record<string, unknown> }): JSX.Element {
  const [times, setTimes] = useState<readonly FireTime[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    const { when, spread, jitter } = spec;
    api.post('/v1/schedules/preview', {}, { spec: { when, spread, jitter }, name, count: 5 }).then(
      ({ items }) => setTimes(items),
      (thrown: unknown) => setFault(problemOf(thrown).message),
    );
  }, []);
  return (
    <div>
      <h3>{head}</h3>
      {fault !== null && (
        <p class="error" role="alert">
          {fault}
        </p>
      )}
      <ul class="plain">
        {times?.map(({ nominal }) => (
          <li key={nominal}>
            <code>{nominal}</code>
          </li>
        ))}
      </ul>
      {times?.length === 0 && <p class="muted">No time.</p>}
    </div>
  );
}
