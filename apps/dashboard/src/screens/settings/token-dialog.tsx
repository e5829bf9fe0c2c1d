import { ROLES, type Role } from '@drover/core';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { problemOf, type ApiProblem } from '../../data/problem.js';
import { refreshAll } from '../../data/query.js';
import { Code } from '../../ui/code.js';
import { Dialog } from '../../ui/dialog.js';
import { Problem } from '../../ui/empty.js';
import { Field } from '../../ui/field.js';
import type { NewToken } from '../shapes.js';

/** A new token; its secret is shown once. */
export function TokenDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const [made, setMade] = useState<NewToken | null>(null);
  return (
    <Dialog title={made === null ? 'New token' : `Token ${made.name}`} onClose={onClose}>
      {made === null ? <Form onClose={onClose} onMade={setMade} /> : <Secret token={made} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ onClose, onMade }: { onClose: () => void; onMade: (token: NewToken) => void }): JSX.Element {
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['viewer']);
  const [queues, setQueues] = useState('');
  const [expiresIn, setExpiresIn] = useState('90d');
  const [error, setError] = useState<ApiProblem | null>(null);
  const isMissing = name.trim() === '' || roles.length === 0;
  const make = (event: Event): void => {
    event.preventDefault();
    if (isMissing) return;
    const scope = queues.split(/[\s,]+/).filter((queue) => queue !== '');
    const body = {
      name: name.trim(),
      roles: [...roles],
      ...(scope.length === 0 ? {} : { queues: scope }),
      ...(expiresIn.trim() === '' ? {} : { expiresIn: expiresIn.trim() }),
    };
    api.post('/v1/tokens', {}, body).then(
      (token) => {
        onMade(token);
        refreshAll();
      },
      (thrown: unknown) => setError(problemOf(thrown)),
    );
  };
  return (
    <form onSubmit={make}>
      <div class="dialog-body">
        <Field label="Name" hint="Whose it is: it stands in the audit">
          <input value={name} maxLength={128} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </Field>
        <fieldset class="choice">
          <legend>Roles</legend>
          {ROLES.map((role) => (
            <label key={role} class="check">
              <input
                type="checkbox"
                checked={roles.includes(role)}
                onChange={() => setRoles(roles.includes(role) ? roles.filter((one) => one !== role) : [...roles, role])}
              />
              {role}
            </label>
          ))}
        </fieldset>
        <Field label="Queues" hint="Names or prefixes such as images*, with commas; empty: all of them">
          <input value={queues} onInput={({ currentTarget }) => setQueues(currentTarget.value)} />
        </Field>
        <Field label="Expires in" hint="90d; empty: never">
          <input value={expiresIn} onInput={({ currentTarget }) => setExpiresIn(currentTarget.value)} />
        </Field>
        {error !== null && <Problem error={error} />}
      </div>
      <div class="dialog-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="primary" disabled={isMissing}>
          Make token
        </button>
      </div>
    </form>
  );
}

function Secret({ token: { secret }, onClose }: { token: NewToken; onClose: () => void }): JSX.Element {
  return (
    <>
      <div class="dialog-body">
        <p>The secret is shown now and never again: only its hash is kept.</p>
        <Code text={secret} what="secret" testId="secret" />
      </div>
      <div class="dialog-actions">
        <button type="button" class="primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </>
  );
}
