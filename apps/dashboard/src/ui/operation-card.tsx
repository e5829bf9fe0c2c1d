import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { api } from '../data/api.js';
import { problemOf } from '../data/problem.js';
import { refreshAll } from '../data/query.js';
import type { Operation } from '../data/types.js';
import { BULK_WORDS, goOnLine } from './bulk.decide.js';
import { Copy } from './copy.js';
import { count } from './format.js';
import { Icon } from './icon.js';
import { Bar } from './spark.js';
import { toast } from './toast.js';

const POLL_MS = 500;

interface Shown {
  operation: Operation;
  /** Why its state is not known. */
  unknown: string | null;
}
const shown = signal<readonly Shown[]>([]);

export function operationBegan(operation: Operation): void {
  shown.value = [...shown.value, { operation, unknown: null }];
}

function change(id: string, next: Partial<Shown>): void {
  shown.value = shown.value.map((one) => (one.operation.id === id ? { ...one, ...next } : one));
}

/** A card for each bulk action that this page has begun. */
export function Operations(): JSX.Element {
  return (
    <div class="operations">
      {shown.value.map((one) => (
        <Card key={one.operation.id} {...one} />
      ))}
    </div>
  );
}

const STATES = { running: 'under way', done: 'done', stopped: 'stopped', failed: 'ended early' } as const;

function Card({ operation, unknown }: Shown): JSX.Element {
  const { id, action, state, of, done, skipped, failed, refused, cursor, error } = operation;
  useProgress(operation);
  const dismiss = (): void => void (shown.value = shown.value.filter((one) => one.operation.id !== id));
  return (
    <section
      class="operation"
      data-testid="operation"
      data-state={state}
      aria-label={`${action} of ${count(of)} tasks`}
    >
      <p class="strong">
        {BULK_WORDS[action].verb} of {count(of)} tasks: {STATES[state]}
      </p>
      <Bar
        of={of}
        parts={[
          { value: done, tone: 'ok', label: 'done' },
          { value: skipped, tone: 'mute', label: 'skipped' },
          { value: failed, tone: 'bad', label: 'failed' },
        ]}
      />
      <p>
        <b>{count(done)}</b> done · {count(skipped)} skipped · {count(failed)} failed
      </p>
      {refused.length > 0 && (
        <details>
          <summary>Why some were skipped</summary>
          <ul class="small">
            {refused.map((reply) => (
              <li key={reply.id}>
                <code>{reply.id}</code> {reply.message ?? reply.state}
              </li>
            ))}
          </ul>
        </details>
      )}
      {(error ?? unknown) !== null && <p class="bad-text">{error ?? unknown}</p>}
      <div class="card-actions">
        {state === 'running' && (
          <button type="button" onClick={() => stop(id)}>
            Stop
          </button>
        )}
        {state !== 'running' && cursor !== null && <Copy text={goOnLine(operation)} what="command that goes on" />}
        {state !== 'running' && (
          <button type="button" class="quiet" onClick={dismiss}>
            <Icon name="close" />
            Close
          </button>
        )}
      </div>
    </section>
  );
}

function useProgress({ id, state }: Operation): void {
  useEffect(() => {
    if (state !== 'running') return;
    const timer = setInterval(() => {
      api.get('/v1/operations/:id', { id }).then(
        (operation) => {
          change(id, { operation, unknown: null });
          if (operation.state !== 'running') refreshAll();
        },
        (error: unknown) => change(id, { unknown: `Its progress is not known: ${problemOf(error).message}` }),
      );
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [id, state]);
}

function stop(id: string): void {
  api.delete('/v1/operations/:id', { id }).then(
    (operation) => change(id, { operation }),
    (error: unknown) => toast(`Not stopped: ${problemOf(error).message}`, { tone: 'bad' }),
  );
}
