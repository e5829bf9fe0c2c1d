import type { JSX } from 'preact';
import { count } from '../../ui/format.js';
import { Meter } from '../../ui/meter.js';
import type { QueueDoc } from '../shapes.js';

/** Tasks that are out, beside how many may be. */
export function OutBar({ queue: { out, maxRunning } }: { queue: QueueDoc }): JSX.Element {
  if (maxRunning === null) return <span>{count(out)}</span>;
  return <Meter value={out} of={maxRunning} label={`${count(out)} of at most ${count(maxRunning)} tasks are out`} />;
}
