import type { JSX } from 'preact';
import type { Worker } from '../../data/types.js';
import { count } from '../../ui/format.js';
import { Meter } from '../../ui/meter.js';

/** Slots in use. Tasks beyond the capacity wait at the worker. */
export function Slots({ worker: { out, capacity } }: { worker: Worker }): JSX.Element {
  const waiting = Math.max(0, out - capacity);
  return (
    <span class="row tight">
      <Meter
        value={Math.min(out, capacity)}
        of={capacity}
        label={`${count(Math.min(out, capacity))} of ${count(capacity)} slots are in use`}
      />
      {waiting > 0 && (
        <small class="muted" title="Handed to it in advance, so that no slot is idle">
          +{count(waiting)}
        </small>
      )}
    </span>
  );
}
