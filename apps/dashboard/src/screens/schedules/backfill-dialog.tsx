import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { now } from '../../data/clock.js';
import { problemOf, type ApiProblem } from '../../data/problem.js';
import type { Schedule } from '../../data/types.js';
import { Loading, Problem } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import { counted } from '../../ui/format.js';
import { ChangeDialog } from '../change-dialog.js';
import { because } from '../because.js';

const DAY_MS = 86_400_000;

interface Asked {
  from: string;
  to: string;
  parallel: number;
  redo: 'missing' | 'failed' | 'all';
  order: 'oldest' | 'newest';
}

/** The range and how; then the times that it would make, before anything is made. */
export function BackfillDialog({
  schedule: { name },
  onClose,
}: {
  schedule: Pick<Schedule, 'name'>;
  onClose: () => void;
}): JSX.Element {
  const [asked, setAsked] = useState<Asked>(() => ({
    from: minutes(now.peek() - DAY_MS),
    to: minutes(now.peek()),
    parallel: 1,
    redo: 'missing',
    order: 'oldest',
  }));
  const change = (some: Partial<Asked>): void => setAsked({ ...asked, ...some });
  return (
    <ChangeDialog
      title={`Back-fill schedule ${name}`}
      onClose={onClose}
      missing={missingOf(asked)}
      form={<Form asked={asked} onChange={change} />}
      review={<DryRun name={name} asked={asked} />}
      confirm="Start back-fill"
      run={async (reason) => {
        await api.post('/v1/schedules/:name/backfills', { name }, { ...instants(asked), ...because(reason) });
        return `The back-fill of ${name} has begun`;
      }}
    />
  );
}

/** `2026-11-29T14:00` in UTC, as fields of forms take it. */
const minutes = (at: number): string => new Date(at).toISOString().slice(0, 16);
const instants = (asked: Asked): Asked => ({ ...asked, from: `${asked.from}:00Z`, to: `${asked.to}:00Z` });

function missingOf({ from, to, parallel }: Asked): string | null {
  if (from === '' || to === '') return 'Both times are needed';
  if (from >= to) return 'The first time is before the end';
  return Number.isInteger(parallel) && parallel >= 1 && parallel <= 1_000
    ? null
    : 'Tasks at a time: a number from 1 to 1,000';
}

function Form({ asked, onChange }: { asked: Asked; onChange: (some: Partial<Asked>) => void }): JSX.Element {
  return (
    <div class="fields">
      <Field label="From (UTC)" hint="Included">
        <input
          type="datetime-local"
          value={asked.from}
          onInput={({ currentTarget }) => onChange({ from: currentTarget.value })}
        />
      </Field>
      <Field label="To (UTC)" hint="Not included">
        <input
          type="datetime-local"
          value={asked.to}
          onInput={({ currentTarget }) => onChange({ to: currentTarget.value })}
        />
      </Field>
      <Field label="Which times">
        <select
          value={asked.redo}
          onChange={({ currentTarget }) => onChange({ redo: currentTarget.value as Asked['redo'] })}
        >
          <option value="missing">times without a fire</option>
          <option value="failed">these, and times whose fire failed</option>
          <option value="all">all of them again</option>
        </select>
      </Field>
      <Field label="Tasks at a time" hint="Unfinished at the same time, whatever the overlap policy">
        <input
          type="number"
          min={1}
          max={1_000}
          value={asked.parallel}
          onInput={({ currentTarget }) => onChange({ parallel: currentTarget.valueAsNumber })}
        />
      </Field>
      <Field label="Begins with">
        <select
          value={asked.order}
          onChange={({ currentTarget }) => onChange({ order: currentTarget.value as Asked['order'] })}
        >
          <option value="oldest">the oldest time</option>
          <option value="newest">the newest time</option>
        </select>
      </Field>
    </div>
  );
}

/** Asks which times it would be; nothing is made by that. */
function DryRun({ name, asked }: { name: string; asked: Asked }): JSX.Element {
  const [times, setTimes] = useState<readonly string[] | null>(null);
  const [error, setError] = useState<ApiProblem | null>(null);
  useEffect(() => {
    api.post('/v1/schedules/:name/backfills', { name }, { ...instants(asked), dryRun: true }).then(
      (answer) => setTimes('times' in answer ? answer.times : []),
      (thrown: unknown) => setError(problemOf(thrown)),
    );
  }, []);
  if (error !== null) return <Problem error={error} />;
  if (times === null) return <Loading text="Asking which times" />;
  return (
    <>
      <p class="big-line" data-testid="backfill-count">
        <b>{counted(times.length, 'time')}</b> {times.length === 1 ? 'becomes a task' : 'become tasks'}
      </p>
      <ul class="plain times-list">
        {times.slice(0, 8).map((time) => (
          <li key={time}>
            <code>{time}</code>
          </li>
        ))}
        {times.length > 8 && <li class="muted">and {times.length - 8} more</li>}
      </ul>
      <p class="muted">Fires that are due now always go first. The back-fill goes on while the schedule is paused.</p>
    </>
  );
}
