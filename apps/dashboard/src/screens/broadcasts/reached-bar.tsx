import type { JSX } from 'preact';
import { count } from '../../ui/format.js';
import { Bar } from '../../ui/spark.js';
import type { Broadcast } from './broadcast.decide.js';

/** How many workers a broadcast has reached, and how many of these it has run at: in words, and as a bar. */
export function ReachedBar({ counts }: { counts: Broadcast['counts'] }): JSX.Element {
  const { workers, waiting, succeeded, failed, cancelled } = counts;
  return (
    <span class="step-meter">
      <span>
        {count(workers - waiting)} of {count(workers)}
        {failed > 0 && <span class="bad-text">, {count(failed)} failed</span>}
      </span>
      <Bar
        of={workers}
        parts={[
          { value: succeeded, tone: 'ok', label: 'succeeded' },
          { value: failed, tone: 'bad', label: 'failed' },
          { value: cancelled, tone: 'mute', label: 'cancelled' },
        ]}
      />
    </span>
  );
}
