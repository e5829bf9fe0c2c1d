import type { Plan, RunView, StepView } from '@drover/flow';
// The package as a whole would bring what checks plans.
import { afterText, stepText } from '@drover/flow/words';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { setQuery } from '../../app/router.js';
import { Icon } from '../../ui/icon.js';
import { Facts } from '../../ui/page.js';
import { StepActions } from './flow-actions.js';
import { StepBadge } from './flow-badges.js';
import { isOver, progressText, waitsText } from './step.decide.js';
import { StepMeter } from './step-meter.js';
import { StepTasks } from './step-tasks.js';

interface StepPanelProps {
  run: RunView;
  name: string;
  step: StepView;
  plan: Plan | undefined;
}

/** All that is known of one step: why, its tasks, and what can be done with it. */
export function StepPanel({ run, name, step, plan }: StepPanelProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const close = (): void => {
    setQuery({ step: null });
    document
      .querySelector<HTMLElement>(`[data-step="${CSS.escape(name)}"], [data-key="${CSS.escape(name)}"] a`)
      ?.focus();
  };
  return (
    <aside
      class="step-panel panel"
      aria-label={`Step ${name}`}
      data-testid="step-panel"
      onKeyDown={({ key }) => key === 'Escape' && close()}
    >
      <div class="row">
        <h3 class="grow" tabIndex={-1} ref={heading}>
          {name}
        </h3>
        <button type="button" class="quiet square" aria-label="Close the step" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <p>
        <StepBadge step={step} testId="step-state" />
      </p>
      {!isOver(step) && step.waitsFor !== undefined && <p>{sentence(`${name} ${waitsText(step.waitsFor)}`)}</p>}
      {step.reason !== undefined && <p class={step.state === 'failed' ? 'bad-text' : undefined}>{step.reason}</p>}
      <StepActions run={run} name={name} step={step} plan={plan} />
      <StepFacts name={name} step={step} plan={plan} />
      <StepTasks run={run.run} name={name} step={step} />
    </aside>
  );
}

const sentence = (text: string): string => `${text}.`;

function StepFacts({ name, step, plan }: Omit<StepPanelProps, 'run'>): JSX.Element {
  const planned = plan?.steps[name];
  return (
    <Facts
      items={[
        ['Kind', planned === undefined ? step.kind : `${planned.kind} ${stepText(planned)}`],
        planned?.after === undefined ? null : ['Begins after', afterText(planned.after)],
        progressText(step) === '' ? null : ['Progress', <StepMeter step={step} />],
        step.label === undefined ? null : ['Ended with', step.label, 'Its label or answer'],
        step.generation === 0 ? null : ['Generation', String(step.generation), 'How often a retry has begun it anew'],
      ]}
    />
  );
}
