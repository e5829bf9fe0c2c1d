import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { place } from '../app/router.js';
import { apiAddress } from '../data/base.js';
import { api } from '../data/api.js';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { forgetAnswers } from '../data/query.js';
import { about } from '../data/rights.js';
import { Problem } from '../ui/empty.js';
import { Field } from '../ui/field.js';
import { Icon } from '../ui/icon.js';

/** Why the OpenID provider's answer was not enough, by the word in the address. */
const REFUSALS: Readonly<Record<string, string>> = {
  denied: 'The provider did not let you in, or you went back. Try again, or ask whoever runs it.',
  expired: 'Signing in took too long. Try again.',
  'no-roles': 'The provider knows you, but none of your groups has a role here. Ask an admin of this Drover.',
  provider: 'The provider cannot be asked now. Try again in a moment.',
};

/** Asks who the user is: by a token, or at the OpenID provider. */
export function SignIn(): JSX.Element {
  const ways = about.value?.auth ?? [];
  const refusal = REFUSALS[place.value.query.get('sign-in') ?? ''];
  return (
    <main class="alone sign-in panel">
      <h1>
        <Icon name="drover" /> Sign in to Drover
      </h1>
      {refusal !== undefined && (
        <p class="bad-text" role="alert">
          {refusal}
        </p>
      )}
      {ways.includes('oidc') && (
        <a class="button primary" href={`${apiAddress('/v1/login')}?to=${encodeURIComponent(returnAddress())}`}>
          Sign in with your organisation
        </a>
      )}
      {ways.includes('token') && <TokenForm />}
      {!ways.includes('token') && !ways.includes('oidc') && (
        <p>
          Whoever looks at these pages is known by{' '}
          {ways.includes('mtls') ? 'a client certificate' : 'the proxy before them'}, and this browser came without. Ask
          whoever runs this Drover.
        </p>
      )}
    </main>
  );
}

/** The address at which the user was. */
const returnAddress = (): string => location.pathname + location.search;

function TokenForm(): JSX.Element {
  const [token, setToken] = useState('');
  const [error, setError] = useState<ApiProblem | null>(null);
  const signIn = (): void => {
    api.post('/v1/session', {}, { token: token.trim() }).then(
      (answer) => {
        forgetAnswers();
        about.value = answer;
      },
      (thrown: unknown) => setError(problemOf(thrown)),
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        signIn();
      }}
    >
      <Field label="Token" hint="It begins with drv_. An admin makes one: drover token create --name me --role viewer">
        <input
          type="password"
          name="token"
          autocomplete="current-password"
          required
          value={token}
          onInput={({ currentTarget }) => setToken(currentTarget.value)}
        />
      </Field>
      {error !== null && <Problem error={error} />}
      <button type="submit" class="primary" disabled={token.trim() === ''}>
        Sign in
      </button>
    </form>
  );
}
