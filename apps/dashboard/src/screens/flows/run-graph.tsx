import type { Plan, RunView } from '@drover/flow';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Loading } from '../../ui/empty.js';
import { GraphRoom } from './graph-room.js';
import { layoutInputOf, type Drawn } from './graph.decide.js';

interface RunGraphProps {
  run: RunView;
  plan: Plan;
  selected: string | null;
}

/** The run as a graph. The library that finds the places is loaded when somebody looks at a run; the places depend on the plan alone. */
export function RunGraph({ run, plan, selected }: RunGraphProps): JSX.Element {
  const input = useMemo(() => layoutInputOf(plan), [run.plan]);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    let isGone = false;
    import('./layout.js').then(
      ({ laidOut }) => {
        if (!isGone) setDrawn(laidOut(input));
      },
      () => setMissing(true),
    );
    return () => void (isGone = true);
  }, [input]);
  if (isMissing)
    return <p class="muted">The part of the page that draws could not be loaded; the list has all steps.</p>;
  if (drawn === null) return <Loading text="Drawing" />;
  return <GraphRoom run={run} drawn={drawn} selected={selected} />;
}
