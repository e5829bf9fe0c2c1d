import type { JSX } from 'preact';
import { api } from '../data/api.js';
import { problemOf } from '../data/problem.js';
import { forgetAnswers } from '../data/query.js';
import { about, loadAbout } from '../data/rights.js';
import { Icon } from '../ui/icon.js';
import { toast } from '../ui/toast.js';

/** Says who the user is, and offers the way out. */
export function UserButton(): JSX.Element | null {
  const caller = about.value?.caller;
  if (caller === undefined || caller === null) return null;
  const roles = caller.roles.join(', ');
  if (caller.auth === 'none')
    return (
      <span class="user" title="Whoever reaches this address may do everything: docs/security.md">
        <Icon name="unlocked" />
        <span data-testid="role">
          <span class="long">no sign-in, </span>
          {roles}
        </span>
      </span>
    );
  return (
    <span class="user">
      <Icon name="user" />
      <span class="who">{caller.name}</span> <span data-testid="role">{roles}</span>
      {hasSession(caller.auth) && (
        <button type="button" class="quiet" onClick={signOut}>
          Sign out
        </button>
      )}
    </span>
  );
}

/** Certificates and proxies say it anew with each request. */
const hasSession = (auth: string): boolean => auth !== 'mtls' && auth !== 'proxy';

function signOut(): void {
  api.delete('/v1/session', {}).then(
    () => {
      forgetAnswers();
      loadAbout();
    },
    (error: unknown) => toast(problemOf(error).message, { tone: 'bad' }),
  );
}
