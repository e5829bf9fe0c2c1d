import type { ComponentChildren, JSX } from 'preact';
import type { State } from '../data/types.js';
import { Icon, type IconName } from './icon.js';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'mute';

interface BadgeProps {
  tone: Tone;
  icon?: IconName | undefined;
  title?: string | undefined;
  testId?: string | undefined;
  children: ComponentChildren;
}

/** A word with its colour and its sign. */
export function Badge({ tone, icon, title, testId, children }: BadgeProps): JSX.Element {
  return (
    <span class={`badge ${tone}`} title={title} data-testid={testId}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </span>
  );
}

/** How each state is shown, and the meaning that its title tells. */
export const STATES: Readonly<Record<State, { tone: Tone; icon: IconName; meaning: string }>> = {
  scheduled: { tone: 'mute', icon: 'clock', meaning: 'not due yet, or its unique key holds it back' },
  pending: { tone: 'mute', icon: 'wait', meaning: 'due, waits for a worker' },
  assigned: { tone: 'info', icon: 'hand', meaning: 'handed to a worker, which has not said that it began' },
  running: { tone: 'info', icon: 'run', meaning: 'the worker said that it began' },
  retrying: { tone: 'warn', icon: 'again', meaning: 'an attempt ended badly, the next one is not due yet' },
  succeeded: { tone: 'ok', icon: 'ok', meaning: 'final: its result is stored' },
  failed: { tone: 'bad', icon: 'cross', meaning: 'final: no attempt is left, or another one would not help' },
  cancelled: { tone: 'mute', icon: 'stop', meaning: 'final: somebody asked for it, or another task runs in its place' },
  unreadable: { tone: 'warn', icon: 'question', meaning: 'a version of Drover wrote it that this one cannot read' },
};

export function StateBadge({ state, testId }: { state: State; testId?: string }): JSX.Element {
  const { tone, icon, meaning } = STATES[state];
  return (
    <Badge tone={tone} icon={icon} title={meaning} testId={testId}>
      {state}
    </Badge>
  );
}

/** How each end of an attempt is shown; the words are those of the glossary. */
const OUTCOMES: Readonly<Record<string, { tone: Tone; icon: IconName }>> = {
  succeeded: { tone: 'ok', icon: 'ok' },
  failed: { tone: 'bad', icon: 'cross' },
  rejected: { tone: 'bad', icon: 'cross' },
  'timed-out': { tone: 'bad', icon: 'clock' },
  lost: { tone: 'bad', icon: 'bolt' },
  expired: { tone: 'bad', icon: 'clock' },
  exceeded: { tone: 'bad', icon: 'clock' },
  refused: { tone: 'bad', icon: 'stop' },
  cancelled: { tone: 'mute', icon: 'stop' },
  superseded: { tone: 'mute', icon: 'stop' },
  returned: { tone: 'mute', icon: 'left' },
  later: { tone: 'mute', icon: 'clock' },
  requeued: { tone: 'info', icon: 'again' },
};
export const outcomeOf = (outcome: string): { tone: Tone; icon: IconName } =>
  OUTCOMES[outcome] ?? { tone: 'mute', icon: 'question' };

export function OutcomeBadge({ outcome }: { outcome: string }): JSX.Element {
  const { tone, icon } = outcomeOf(outcome);
  return (
    <Badge tone={tone} icon={icon}>
      {outcome.replace('-', ' ')}
    </Badge>
  );
}
