import type { AnswerOf } from '@drover/api';
import type { StepView } from '@drover/flow';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from '../../app/router.js';
import { useQuery } from '../../data/query.js';
import { StateBadge } from '../../ui/badge.js';
import { count, duration, shortened } from '../../ui/format.js';
import { Pager } from '../../ui/table.js';
import { Shown } from '../shown.js';
import { ofRun } from './asked.js';

type StepTaskPage = AnswerOf<'GET', '/v1/flows/:run/steps/:step/tasks'>;
type StepTask = StepTaskPage['items'][number];

const SHOWN = 10;
const ERROR_LENGTH = 160;
const CHOICES = [
  ['failed', 'Failed'],
  ['unfinished', 'Not ended'],
  [null, 'All'],
] as const;
type Choice = (typeof CHOICES)[number][0];

interface StepTasksProps {
  run: string;
  name: string;
  step: StepView;
}

/** Tasks of a step; of a map or a reduce those that one chooses, page by page, and the failed ones first. */
export function StepTasks({ run, name, step }: StepTasksProps): JSX.Element | null {
  const isMany = step.kind === 'map' || step.kind === 'reduce';
  const [state, setState] = useState<Choice>(isMany && step.failed > 0 ? 'failed' : null);
  const [cursor, setCursor] = useState<string | null>(null);
  const query = useQuery(
    '/v1/flows/:run/steps/:step/tasks',
    { run, step: name, limit: SHOWN, ...(state !== null && { state }), ...(cursor !== null && { cursor }) },
    ofRun(run),
  );
  const choose = (next: Choice): void => {
    setState(next);
    setCursor(null);
  };
  if (step.tasks.length === 0 && step.state !== 'running') return null;
  return (
    <div class="stack tight">
      <h4>{isMany ? 'Tasks' : 'Task'}</h4>
      {isMany && <Choices chosen={state} failed={step.failed} onChoose={choose} />}
      <Shown of={query}>
        {(list) => (
          <>
            {list.items.length === 0 && <p class="muted">{noneText(state)}</p>}
            <ul class="step-tasks">
              {list.items.map((task) => (
                <TaskLine key={task.id} task={task} />
              ))}
            </ul>
            <Pager list={list} cursor={cursor} onCursor={setCursor} />
          </>
        )}
      </Shown>
    </div>
  );
}

interface ChoicesProps {
  chosen: Choice;
  failed: number;
  onChoose: (choice: Choice) => void;
}

function Choices({ chosen, failed, onChoose }: ChoicesProps): JSX.Element {
  return (
    <div class="row tight views" role="group" aria-label="Which tasks">
      {CHOICES.map(([choice, word]) => (
        <button
          key={word}
          type="button"
          class="quiet"
          aria-pressed={choice === chosen}
          onClick={() => onChoose(choice)}
        >
          {word}
          {choice === 'failed' && ` ${count(failed)}`}
        </button>
      ))}
    </div>
  );
}

function noneText(state: Choice): string {
  if (state === 'failed') return 'None of its tasks has failed.';
  return state === 'unfinished' ? 'Each of its tasks has ended.' : 'It has no task yet.';
}

function TaskLine({
  task: { id, index, state, startedAt, finishedAt, worker, error },
}: {
  task: StepTask;
}): JSX.Element {
  return (
    <li data-testid="step-task" data-state={state}>
      <span class="row tight">
        <StateBadge state={state} />
        {index !== undefined && <span>item {count(index)}</span>}
        {worker !== undefined && <span class="muted small">on {worker}</span>}
        {startedAt !== undefined && finishedAt !== undefined && (
          <span class="muted small">took {duration(finishedAt - startedAt)}</span>
        )}
      </span>
      <Link to={`/tasks/${encodeURIComponent(id)}`} class="id">
        {id}
      </Link>
      {error !== undefined && (
        <span class="bad-text small">{shortened(`${error.name}: ${error.message}`, ERROR_LENGTH)}</span>
      )}
    </li>
  );
}
