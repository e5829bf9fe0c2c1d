import { TYPE_PATTERN, type TaskOptionName } from '@drover/core';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { go, Link } from '../../app/router.js';
import { api } from '../../data/api.js';
import { problemOf, type ApiProblem } from '../../data/problem.js';
import { Action } from '../../ui/action.js';
import { Problem } from '../../ui/empty.js';
import { Icon } from '../../ui/icon.js';
import type { Draft } from './draft.js';
import { uuidV7 } from './idempotency-key.js';
import { faultOf } from './json-fault.js';
import { faultOfOption } from './option-fault.js';
import { bodyOf } from './snippets.js';

interface Done {
  id: string;
  deduplicated: boolean;
}

/** Submits, and says the id, or goes to the task. A lost answer is no second task: the key of the request stays. */
export function SubmitButtons({ draft }: { draft: Draft }): JSX.Element {
  const [done, setDone] = useState<Done | null>(null);
  const [error, setError] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const attempt = useRef<{ of: string; key: string } | null>(null);
  const missing = missingOf(draft);
  const submit = (isFollowed: boolean): void => {
    setBusy(true);
    setError(null);
    const body = bodyOf(draft);
    const of = JSON.stringify(body);
    if (attempt.current?.of !== of)
      attempt.current = { of, key: uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10))) };
    api.post('/v1/tasks', {}, body as { type: string }, { 'idempotency-key': attempt.current.key }).then(
      ({ id, deduplicated }) => {
        attempt.current = null;
        setBusy(false);
        setDone({ id, deduplicated });
        if (isFollowed) go(`/tasks/${id}`);
      },
      (thrown: unknown) => {
        setBusy(false);
        setDone(null);
        setError(problemOf(thrown));
      },
    );
  };
  return (
    <div class="stack">
      <div class="row">
        <Action
          permission="submit"
          action="submit"
          tone="primary"
          disabled={missing !== null || isBusy}
          onClick={() => submit(true)}
        >
          Submit and follow
        </Action>
        <Action permission="submit" action="submit" disabled={missing !== null || isBusy} onClick={() => submit(false)}>
          Submit
        </Action>
        {missing !== null && <span class="muted">{missing}</span>}
      </div>
      {error !== null && <Problem error={error} />}
      {done !== null && (
        <p class="done" role="status" data-testid="submitted">
          <Icon name="ok" /> {done.deduplicated ? 'An unfinished task has this key already:' : 'Submitted:'}{' '}
          <Link to={`/tasks/${done.id}`}>
            <code>{done.id}</code>
          </Link>
        </p>
      )}
    </div>
  );
}

/** Why the form cannot be sent yet; null: it can. */
function missingOf({ type, payload, options }: Draft): string | null {
  if (!TYPE_PATTERN.test(type)) return 'A type is needed';
  if (faultOf(payload) !== null) return 'The payload is no JSON';
  const wrong = (Object.entries(options) as [TaskOptionName, string][]).find(
    ([name, text]) => faultOfOption(name, text) !== null,
  );
  return wrong === undefined ? null : `The option ${wrong[0]} cannot be understood`;
}
