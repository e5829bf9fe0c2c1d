import type { RunState, StepView } from '@drover/flow';
import type { JSX } from 'preact';
import { Badge } from '../../ui/badge.js';
import { runLook, stepLook, type Untold } from './step.decide.js';

export function RunBadge({ state, testId }: { state: RunState | Untold; testId?: string }): JSX.Element {
  const { tone, icon, word } = runLook(state);
  return (
    <Badge tone={tone} icon={icon} testId={testId}>
      {word}
    </Badge>
  );
}

export function StepBadge({ step, testId }: { step: StepView; testId?: string }): JSX.Element {
  const { tone, icon, word } = stepLook(step);
  return (
    <Badge tone={tone} icon={icon} testId={testId}>
      {word}
    </Badge>
  );
}
