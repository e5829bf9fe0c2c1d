import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../ui/format.js';

const STEP = 50;

/** The first rows of a list that is in memory, and a button for more: a page never draws thousands of rows. */
export function useWindow<Row>(rows: readonly Row[]): { shown: readonly Row[]; more: JSX.Element | null } {
  const [most, setMost] = useState(STEP);
  const left = rows.length - most;
  const more =
    left <= 0 ? null : (
      <p class="more">
        <button type="button" class="quiet" data-testid="next-page" onClick={() => setMost(most + STEP)}>
          Show {count(Math.min(STEP, left))} more of {count(left)}
        </button>
      </p>
    );
  return { shown: rows.slice(0, most), more };
}
