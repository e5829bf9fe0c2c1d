import type { Plan, RunView } from '@drover/flow';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Link, place, setQuery } from '../../app/router.js';
import type { ScreenProps } from '../../app/screens.js';
import type { Query } from '../../data/query.js';
import { Copy } from '../../ui/copy.js';
import { Empty, Loading, Problem } from '../../ui/empty.js';
import { duration } from '../../ui/format.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Ago, At } from '../../ui/time.js';
import { VerdictLine } from '../verdict.js';
import { usePlan, useRun } from './asked.js';
import { RunActions, StepActions } from './flow-actions.js';
import { RunBadge } from './flow-badges.js';
import { RunGraph } from './run-graph.js';
import { standingOf } from './run.decide.js';
import { byUrgency, stepLine, waitsForPerson } from './step.decide.js';
import { StepList } from './step-list.js';
import { StepPanel } from './step-panel.js';
import { toStep } from './to-step.js';

/** One run of a flow: what it waits for, its graph or the list of its steps, and the step that is looked at. */
export default function Run({ params }: ScreenProps): JSX.Element {
  const id = params.run ?? '';
  const query = useRun(id);
  const plan = usePlan(id);
  const run = query.data;
  if (run === undefined) return <Missing id={id} query={query} />;
  const untold = UNTOLD[run.state as string];
  if (untold !== undefined) return <Untold run={run} why={untold} />;
  return (
    <Page
      title={`${run.flow} ${run.state}`}
      heading={
        <>
          {run.flow} <RunBadge state={run.state} testId="run-state" />
        </>
      }
      lead={
        <span class="task-id">
          <code>{run.run}</code>
          <Copy text={run.run} what="id" small />
        </span>
      }
      actions={<RunActions run={run} />}
    >
      {query.error !== undefined && <Problem error={query.error} onRetry={query.refresh} />}
      <div class={query.stale ? 'stack stale' : 'stack'}>
        <VerdictLine of={standingOf(run)} testId="run-sentence" />
        <Asks run={run} plan={plan.data} />
        <RunFacts run={run} />
        <Steps run={run} plan={plan} />
      </div>
    </Page>
  );
}

/** States that are none of the leader's. */
const UNTOLD: Readonly<Record<string, string>> = {
  pending: 'The leader has not read this run yet: its steps are told in a moment.',
  unknown: 'Nobody leads, so nobody knows how far it is. It goes on once a scheduler leads.',
};

function Untold({ run, why }: { run: RunView; why: string }): JSX.Element {
  return (
    <Page title={run.flow} lead={<code>{run.run}</code>}>
      <div class="stack">
        <p class="sentence warn" data-testid="run-sentence">
          {why}
        </p>
        <RunFacts run={run} />
      </div>
    </Page>
  );
}

function Missing({ id, query }: { id: string; query: Query<RunView> }): JSX.Element {
  const { error } = query;
  const isGone = error?.status === 404 || error?.status === 410;
  return (
    <Page title="Run of a flow" lead={<code>{id}</code>}>
      {error === undefined && <Loading />}
      {error !== undefined && !isGone && <Problem error={error} onRetry={query.refresh} />}
      {isGone && (
        <Empty title="There is no such run">
          {error.detail} <Link to="/flows">See runs that are kept</Link>
        </Empty>
      )}
    </Page>
  );
}

/** Steps that wait for a person, each with its buttons. */
function Asks({ run, plan }: { run: RunView; plan: Plan | undefined }): JSX.Element | null {
  const asks = byUrgency(run).filter(([, step]) => waitsForPerson(step));
  if (asks.length === 0) return null;
  return (
    <ul class="attention asks" aria-label="Waits for somebody">
      {asks.slice(0, 5).map(([name, step]) => (
        <li key={name} class="warn" data-testid={`ask-${name}`}>
          <span class="text">
            <Link to={toStep(name)}>{name}</Link> {stepLine(step)}
          </span>
          <StepActions run={run} name={name} step={step} plan={plan} />
        </li>
      ))}
      {asks.length > 5 && <li class="muted">and {asks.length - 5} more in the list of steps</li>}
    </ul>
  );
}

function RunFacts({ run: { flow, plan, startedAt, endedAt, steps } }: { run: RunView }): JSX.Element {
  const generation = Math.max(0, ...Object.values(steps).map((step) => step.generation));
  return (
    <Facts
      items={[
        ['Flow', <Link to={`/flows?flow=${encodeURIComponent(flow)}`}>{flow}</Link>],
        ['Started', <Ago at={startedAt} />],
        endedAt === null ? null : ['Ended', <At at={endedAt} />],
        endedAt === null ? null : ['Took', duration(endedAt - startedAt), 'From its start to its end'],
        ['Plan', <code title={plan}>{plan.slice(0, 12)}</code>, 'The plan with which it began; it keeps that one'],
        generation === 0 ? null : ['Retried', `${generation} ${generation === 1 ? 'time' : 'times'}`],
      ]}
    />
  );
}

const NARROW = matchMedia('(max-width: 699px)');

/** Whether the screen is too narrow for a graph to be the first choice. */
function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const look = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', look);
    return () => NARROW.removeEventListener('change', look);
  }, []);
  return isNarrow;
}

function Steps({ run, plan }: { run: RunView; plan: Query<Plan> }): JSX.Element {
  const isNarrow = useNarrow();
  const { query } = place.value;
  const wanted = query.get('view');
  const view = wanted === 'list' || wanted === 'graph' ? wanted : isNarrow ? 'list' : 'graph';
  const selected = query.get('step');
  const step = selected === null ? undefined : run.steps[selected];
  return (
    <Section title="Steps" aside={<ViewButtons view={view} />}>
      <div class={step === undefined ? 'flow-split' : 'flow-split open'}>
        <div class="flow-main">
          {view === 'list' && <StepList run={run} />}
          {view === 'graph' && plan.data === undefined && plan.error === undefined && (
            <Loading text="Loading the plan" />
          )}
          {view === 'graph' && plan.data === undefined && plan.error !== undefined && (
            <Problem error={plan.error} onRetry={plan.refresh} />
          )}
          {view === 'graph' && plan.data !== undefined && <RunGraph run={run} plan={plan.data} selected={selected} />}
        </div>
        {selected !== null && step !== undefined && (
          <StepPanel key={selected} run={run} name={selected} step={step} plan={plan.data} />
        )}
      </div>
    </Section>
  );
}

function ViewButtons({ view }: { view: 'graph' | 'list' }): JSX.Element {
  return (
    <div class="row tight views" role="group" aria-label="View">
      {(['graph', 'list'] as const).map((one) => (
        <button
          key={one}
          type="button"
          class="quiet"
          aria-pressed={view === one}
          onClick={() => setQuery({ view: one })}
        >
          {one === 'graph' ? 'Graph' : 'List'}
        </button>
      ))}
    </div>
  );
}
