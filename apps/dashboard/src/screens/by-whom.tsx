import type { JSX } from 'preact';
import { Ago } from '../ui/time.js';
import type { Change } from './shapes.js';

/** The person who changed something, with the time and the reason. */
export function ByWhom({ change }: { change: Change }): JSX.Element {
  return (
    <>
      <b>{change.by ?? 'somebody'}</b>, <Ago at={change.at} />
      {change.reason === undefined ? <span class="muted">, without a reason</span> : <>: {change.reason}</>}
    </>
  );
}
