import type { StepView } from '@drover/flow';
import type { JSX } from 'preact';
import { progressOf, progressText } from './step.decide.js';

/** Items of a map or a reduce, in words and as a bar; the part that failed stands in it. */
export function StepMeter({ step }: { step: StepView }): JSX.Element {
  const part = progressOf(step);
  const failed = step.of === null || step.of === 0 ? 0 : step.failed / step.of;
  return (
    <span class="step-meter">
      <span>{progressText(step)}</span>
      {part !== null && (
        <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect class="rest" width="100" height="1" />
          <rect class={step.state === 'succeeded' ? 'ok' : 'info'} width={part * 100} height="1" />
          {failed > 0 && <rect class="bad" width={Math.max(2, failed * 100)} height="1" />}
        </svg>
      )}
    </span>
  );
}
