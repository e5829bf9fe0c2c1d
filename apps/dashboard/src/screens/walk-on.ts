import { useEffect, useState } from 'preact/hooks';

/** A walk through a list whose pages can come back empty because the time for one request was over. */
interface Walk {
  /** The page to ask for. */
  cursor: string | null;
  steps: number;
  goOn: (cursor: string) => void;
}
/** A page of a list, as far as walking on is concerned. */
interface Part {
  items: readonly unknown[];
  next: string | null;
  complete: boolean;
}

const MOST_STEPS = 30;

/** `key` says which list it is: another one begins anew, at `start`. */
export function useWalk(key: string, start: string | null): Walk {
  const [walked, setWalked] = useState({ key, cursor: start, steps: 0 });
  const { cursor, steps } = walked.key === key ? walked : { cursor: start, steps: 0 };
  return { cursor, steps, goOn: (next) => setWalked({ key, cursor: next, steps: steps + 1 }) };
}

/** Goes on behind an empty page that is not the last one. True: the walk has not found anything yet. */
export function useWalkOn({ steps, goOn }: Walk, part: Part | undefined): boolean {
  const next = part?.items.length === 0 && !part.complete ? part.next : null;
  const isWalking = next !== null && steps < MOST_STEPS;
  useEffect(() => {
    if (isWalking) goOn(next);
  }, [next]);
  return isWalking;
}
