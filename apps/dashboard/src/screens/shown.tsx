import type { ComponentChildren, JSX } from 'preact';
import type { Query } from '../data/query.js';
import { Loading, Problem } from '../ui/empty.js';

interface ShownProps<T> {
  of: Query<T>;
  children: (data: T) => ComponentChildren;
}

/** Shows an answer, or that it is on its way, or why there is none. */
export function Shown<T>({ of: query, children }: ShownProps<T>): JSX.Element {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return query.error === undefined ? <Loading /> : <Problem error={query.error} onRetry={query.refresh} />;
}
