import type { RunView, StepView } from '@drover/flow';
import type { JSX } from 'preact';
import { Icon } from '../../ui/icon.js';
import { shortened } from '../../ui/format.js';
import { BOX, labelWidth, pathOf, type Drawn, type Point } from './graph.decide.js';
import { isOver, progressOf, stepLine, stepLook } from './step.decide.js';

interface StepBoxProps {
  name: string;
  step: StepView;
  /** Its middle. */
  at: Point;
  isSelected: boolean;
  isTabbed: boolean;
  onClick: () => void;
}

/** Characters of the second line. */
const LINE = 60;

export function StepBox({ name, step, at, isSelected, isTabbed, onClick }: StepBoxProps): JSX.Element {
  const { tone, icon, word } = stepLook(step);
  const line = stepLine(step);
  const part = progressOf(step);
  return (
    <button
      type="button"
      class={`step-box ${tone}${step.state === 'skipped' ? ' skipped' : ''}`}
      style={{ left: `${at.x - BOX.width / 2}px`, top: `${at.y - BOX.height / 2}px` }}
      tabIndex={isTabbed ? 0 : -1}
      aria-pressed={isSelected}
      title={[name, word, line].filter((text) => text !== '').join(' · ')}
      data-step={name}
      data-state={step.state}
      onClick={onClick}
    >
      <span class="step-name">
        <Icon name={icon} />
        <b>{name}</b>
      </span>
      <span class="step-line">{line === '' ? word : shortened(line, LINE)}</span>
      <span class="hidden">{line === '' ? '' : `, ${word}`}</span>
      {part !== null && <i class="step-part" style={{ width: `${part * 100}%` }} aria-hidden="true" />}
    </button>
  );
}

/** Arrows, below the boxes; those that will not be taken any more are faint. */
export function Arrows({ drawn, steps }: { drawn: Drawn; steps: RunView['steps'] }): JSX.Element {
  return (
    <svg class="flow-arrows" width={drawn.width} height={drawn.height} aria-hidden="true">
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0.5 7.5 4 0 7.5z" />
        </marker>
      </defs>
      {drawn.arrows.map(({ from, to, label, isAny, points, labelAt }) => (
        <g key={`${from} ${to}`} class={classOf(steps[from], steps[to], isAny)}>
          <path d={pathOf(points)} marker-end="url(#arrow)" />
          {labelAt !== null && (
            <>
              <rect
                x={labelAt.x - labelWidth(label) / 2}
                y={labelAt.y - 9}
                width={labelWidth(label)}
                height={18}
                rx={9}
              />
              <text x={labelAt.x} y={labelAt.y + 4}>
                {label}
              </text>
            </>
          )}
        </g>
      ))}
    </svg>
  );
}

function classOf(from: StepView | undefined, to: StepView | undefined, isAny: boolean): string | undefined {
  const isTaken =
    from !== undefined && to !== undefined && isOver(from) && to.state !== 'waiting' && to.state !== 'skipped';
  const isFaint = to?.state === 'skipped' || from?.state === 'skipped';
  return [isTaken && !isFaint && 'taken', isFaint && 'faint', isAny && 'any'].filter(Boolean).join(' ') || undefined;
}
