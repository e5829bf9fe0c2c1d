import type { JSX } from 'preact';
import { now } from '../data/clock.js';
import type { Task } from '../data/types.js';
import { outcomeOf } from '../ui/badge.js';
import { absolute, duration } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { timelineOf, type AttemptBar, type Timeline as Axis } from './timeline.decide.js';

/** One bar an attempt on a common axis: hollow while it waited, filled while it ran, and a mark for how it ended. */
export function Timeline({ task }: { task: Task }): JSX.Element {
  const axis = timelineOf(task, now.value);
  return (
    <div class="timeline panel">
      <ol>
        {axis.bars.map((bar, at) => (
          <Attempt key={at} bar={bar} axis={axis} state={task.state} />
        ))}
      </ol>
      <div class="axis muted small" aria-hidden="true">
        <span title={absolute(axis.from, { ms: true })}>submitted</span>
        <span>{duration((axis.to - axis.from) / 2)}</span>
        <span title={absolute(axis.to, { ms: true })}>{duration(axis.to - axis.from)}</span>
      </div>
    </div>
  );
}

function Attempt({ bar, axis, state }: { bar: AttemptBar; axis: Axis; state: string }): JSX.Element {
  const place = (from: number, to: number): { left: string; width: string } => {
    const whole = Math.max(1, axis.to - axis.from);
    return { left: `${((from - axis.from) / whole) * 100}%`, width: `max(2px, ${((to - from) / whole) * 100}%)` };
  };
  const end = bar.from ?? bar.to;
  const tone = bar.outcome !== null ? outcomeOf(bar.outcome).tone : bar.from === null ? 'mute' : 'info';
  const words = wordsOf(bar, state);
  return (
    <li data-testid={`attempt-${bar.attempt}`} data-outcome={bar.outcome ?? state}>
      <span class="n" title={`Attempt ${bar.attempt}`}>
        {bar.attempt}
      </span>
      <span class="track" aria-hidden="true">
        {end > bar.waitsFrom && (
          <i class="waits" style={place(bar.waitsFrom, end)} title={`waited ${duration(end - bar.waitsFrom)}`} />
        )}
        {bar.from !== null && (
          <i class={`runs ${tone}${bar.isGuess ? ' guess' : ''}`} style={place(bar.from, bar.to)} />
        )}
        {bar.outcome === null && axis.dueAt !== null && <i class="due" style={place(axis.dueAt, axis.dueAt)} />}
      </span>
      <span class={`end-mark ${tone}`}>
        <Icon name={bar.outcome === null ? (bar.from === null ? 'wait' : 'run') : outcomeOf(bar.outcome).icon} />
        {words}
      </span>
    </li>
  );
}

function wordsOf({ outcome, worker, from, to, waitsFrom, isGuess }: AttemptBar, state: string): string {
  const at = worker === null ? '' : ` on ${worker}`;
  if (outcome === null)
    return from === null ? `${state} for ${duration(to - waitsFrom)}` : `${state}${at} for ${duration(to - from)}`;
  const took = from === null || isGuess ? '' : ` after ${duration(to - from)}`;
  return `${outcome.replace('-', ' ')}${at}${took}`;
}
