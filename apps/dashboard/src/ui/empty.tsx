import type { ComponentChildren, JSX } from 'preact';
import type { ApiProblem } from '../data/problem.js';
import { Code } from './code.js';
import { Icon } from './icon.js';

interface EmptyProps {
  title: string;
  /** Says what would be here. */
  children?: ComponentChildren;
  /** How to make it, as a line for the shell. */
  command?: string | undefined;
}

/** Stands where a list has nothing. */
export function Empty({ title, children, command }: EmptyProps): JSX.Element {
  return (
    <div class="empty">
      <p class="strong">{title}</p>
      {children !== undefined && <p class="muted">{children}</p>}
      {command !== undefined && <Code text={command} />}
    </div>
  );
}

/** Says what went wrong and what the server said of it, with a way to try again. */
export function Problem({ error, onRetry }: { error: ApiProblem; onRetry?: (() => void) | undefined }): JSX.Element {
  const isForbidden = error.status === 403;
  return (
    <div class={isForbidden ? 'problem info' : 'problem'} role={isForbidden ? 'note' : 'alert'} data-code={error.code}>
      <Icon name={isForbidden ? 'locked' : 'warn'} />
      <div>
        <p class="strong">{error.title}</p>
        {error.detail !== '' && error.detail !== error.title && <p>{error.detail}</p>}
        <p class="muted small">
          {error.code}
          {error.requestId !== null && <> · request {error.requestId}</>}
        </p>
        {onRetry !== undefined && !isForbidden && (
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

/** Shown only after a while, so that fast answers do not flicker. */
export function Loading({ text = 'Loading' }: { text?: string }): JSX.Element {
  return (
    <p class="loading muted" role="status">
      {text}…
    </p>
  );
}
