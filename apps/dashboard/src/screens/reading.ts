import { useEffect, useState } from 'preact/hooks';

/** Pixels. */
const READS_BELOW = 160;

/** Whether the user has scrolled into a list: then its rows do not move by themselves. */
export function useReading(): boolean {
  const [isReading, setReading] = useState(false);
  useEffect(() => {
    const look = (): void => setReading(scrollY > READS_BELOW);
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  return isReading;
}

/** By how much `count` has grown since the list began to be held; 0 while it is not. */
export function useGrowth(count: number | undefined, isHeld: boolean): number {
  const [before, setBefore] = useState<number | null>(null);
  useEffect(() => setBefore(isHeld ? (count ?? null) : null), [isHeld]);
  return before === null || count === undefined ? 0 : Math.max(0, count - before);
}
