import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../data/api.js';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { refreshAll } from '../data/query.js';
import type { Operation, Preview } from '../data/types.js';
import { BULK_WORDS, TYPED_ABOVE, whatIsMissing, type BulkAction } from './bulk.decide.js';
import { Dialog } from './dialog.js';
import { Loading, Problem } from './empty.js';
import { Field } from './field.js';
import { absolute, count, counted } from './format.js';
import { operationBegan, Operations } from './operation-card.js';

interface Asked {
  action: BulkAction;
  filter: string;
  /** Of `retry`: the tasks run again in a queue that the user names. */
  move?: boolean;
}
const asked = signal<Asked | null>(null);

/** Opens the two steps of an action on all tasks that match a filter: what it would change, and then the change. */
export function openBulk(question: Asked): void {
  asked.value = question;
}

/** The place of the dialog, and of the cards of what runs. */
export function Bulks(): JSX.Element {
  const question = asked.value;
  return (
    <>
      {question !== null && <BulkDialog {...question} onClose={() => void (asked.value = null)} />}
      <Operations />
    </>
  );
}

function BulkDialog({ action, filter, move = false, onClose }: Asked & { onClose: () => void }): JSX.Element {
  const [toQueue, setToQueue] = useState<string | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<ApiProblem | null>(null);
  const load = (): void => {
    setError(null);
    setPreview(null);
    api
      .post('/v1/bulk/preview', {}, { action, filter, ...(toQueue === null ? {} : { toQueue }) })
      .then(setPreview, (thrown: unknown) => setError(problemOf(thrown)));
  };
  const isAsking = move && toQueue === null;
  useEffect(() => {
    if (!isAsking) load();
  }, [isAsking]);
  const begun = (operation: Operation): void => {
    operationBegan(operation);
    onClose();
    refreshAll();
  };
  return (
    <Dialog title={`${BULK_WORDS[action].verb} tasks`} onClose={onClose} testId="bulk">
      {isAsking && <QueueForm onClose={onClose} onQueue={setToQueue} />}
      {!isAsking && preview === null && error === null && <Loading text="Counting" />}
      {error !== null && <Problem error={error} onRetry={load} />}
      {isAsking ? null : preview === null ? (
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      ) : (
        <BulkForm preview={preview} onClose={onClose} onBegun={begun} onError={setError} />
      )}
    </Dialog>
  );
}

/** The queue in which tasks run again. */
function QueueForm({ onClose, onQueue }: { onClose: () => void; onQueue: (queue: string) => void }): JSX.Element {
  const [queue, setQueue] = useState('');
  const given = queue.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (given !== '') onQueue(given);
      }}
    >
      <div class="dialog-body">
        <Field label="Queue" hint="They go on there as new tasks; whoever waits for one gets the result of the new one">
          <input value={queue} autoComplete="off" onInput={({ currentTarget }) => setQueue(currentTarget.value)} />
        </Field>
      </div>
      <div class="dialog-actions">
        <button type="button" onClick={onClose}>
          Keep as it is
        </button>
        <button type="submit" class="primary" disabled={given === ''}>
          Count them
        </button>
      </div>
    </form>
  );
}

interface BulkFormProps {
  preview: Preview;
  onClose: () => void;
  onBegun: (operation: Operation) => void;
  onError: (error: ApiProblem) => void;
}

function BulkForm({ preview, onClose, onBegun, onError }: BulkFormProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [rate, setRate] = useState('');
  const [isBusy, setBusy] = useState(false);
  const missing = whatIsMissing({ count: preview.count, typed, reason, rate });
  const { verb, will, note, tone } = BULK_WORDS[preview.action];
  const start = (): void => {
    setBusy(true);
    const body = { token: preview.token, reason: reason.trim(), ...(rate === '' ? {} : { rate: Number(rate) }) };
    api.post('/v1/bulk', {}, body).then(onBegun, (thrown: unknown) => {
      setBusy(false);
      onError(problemOf(thrown));
    });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (missing === null && !isBusy) start();
      }}
    >
      <div class="dialog-body">
        <p class="big-line">
          <b data-testid="bulk-count" data-count={preview.count}>
            {preview.exact ? '' : '≥ '}
            {count(preview.count)}
          </b>{' '}
          {preview.count === 1 ? 'task' : 'tasks'} {will}
          {preview.toQueue !== undefined && ` in the queue ${preview.toQueue}`}
        </p>
        <p class="muted">
          {note} Tasks submitted after {absolute(preview.asOf)} are not included.
        </p>
        <Split name="Queues" counts={preview.byQueue} />
        <Split name="Types" counts={preview.byType} />
        <p class="muted small">
          Filter <code>{preview.filter || 'all tasks'}</code>
        </p>
        {preview.count > TYPED_ABOVE && (
          <Field label={`Type ${count(preview.count)} to confirm`}>
            <input
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </Field>
        )}
        <Field label="Reason" hint="Needed: it is kept with what happens">
          <input value={reason} maxLength={1_024} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
        </Field>
        <Field label="Tasks a second" hint="500 unless you say otherwise">
          <input
            inputMode="numeric"
            placeholder="500"
            value={rate}
            onInput={({ currentTarget }) => setRate(currentTarget.value)}
          />
        </Field>
      </div>
      <div class="dialog-actions">
        {missing !== null && <span class="muted small">{missing}</span>}
        <button type="button" onClick={onClose}>
          Keep as it is
        </button>
        <button type="submit" class={tone} data-testid="bulk-confirm" disabled={missing !== null || isBusy}>
          {verb} {counted(preview.count, 'task')}
        </button>
      </div>
    </form>
  );
}

/** The largest parts first, five of them. */
function Split({ name, counts }: { name: string; counts: Readonly<Record<string, number>> }): JSX.Element | null {
  const parts = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (parts.length === 0) return null;
  const more = parts.length - 5;
  return (
    <p class="split">
      <span class="muted">{name}</span>
      {parts.slice(0, 5).map(([part, each]) => (
        <span key={part} class="chip">
          {part} <b>{count(each)}</b>
        </span>
      ))}
      {more > 0 && <span class="muted">and {count(more)} more</span>}
    </p>
  );
}
