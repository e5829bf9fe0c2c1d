import type { Plan, RunView, StepView } from '@drover/flow';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Action } from '../../ui/action.js';
import { ask } from '../../ui/dialog.js';
import { because } from '../because.js';
import { act } from './asked.js';
import { followersOf, whyNot } from './run.decide.js';
import { SignalDialog } from './signal-dialog.js';
import { waitsForPerson } from './step.decide.js';

/** The actions on a run as a whole. */
export function RunActions({ run }: { run: RunView }): JSX.Element {
  const noRetry = whyNot('retry', run);
  const noCancel = whyNot('cancel', run);
  return (
    <>
      <Action
        permission="operate"
        action="retry"
        icon="again"
        disabled={noRetry !== null}
        title={noRetry ?? undefined}
        onClick={() => askRetry(run)}
      >
        Retry from failed
      </Action>
      <Action
        permission="operate"
        action="cancel"
        icon="stop"
        disabled={noCancel !== null}
        title={noCancel ?? undefined}
        onClick={() => askCancel(run)}
      >
        Cancel run
      </Action>
    </>
  );
}

function askCancel({ run, flow }: RunView): void {
  ask({
    title: `Cancel this run of ${flow}?`,
    body: (
      <>
        <p>
          <code>{run}</code>
        </p>
        <p>
          Nothing new of it starts, and the handlers that run are told to stop. Steps that are declared as finally still
          run. What was done already is not undone.
        </p>
      </>
    ),
    confirm: 'Cancel run',
    tone: 'danger',
    reason: 'required',
    run: async (reason) => {
      await act(run, 'cancel', because(reason));
      return `The run of ${flow} is being cancelled`;
    },
  });
}

/** Null: from what failed. */
export function askRetry({ run, flow }: RunView, from: string | null = null): void {
  ask({
    title: from === null ? `Retry this run of ${flow}?` : `Retry from ${from}?`,
    body: (
      <>
        <p>
          <code>{run}</code>
        </p>
        <p>
          {from === null
            ? 'Every step that failed or was cancelled runs again, and so does what depends on it. Of a map only the failed items run again.'
            : `${from} and every step that depends on it run again. Results of the other steps stay.`}
        </p>
      </>
    ),
    confirm: 'Retry run',
    reason: 'optional',
    run: async (reason) => {
      await act(run, 'retry', { ...(from === null ? {} : { from }), ...because(reason) });
      return from === null ? `The run of ${flow} goes on` : `The run of ${flow} goes on from ${from}`;
    },
  });
}

interface StepActionsProps {
  run: RunView;
  name: string;
  step: StepView;
  plan: Plan | undefined;
}

/** An answer for each button where the step waits for one; a retry from here where the run has ended. */
export function StepActions({ run, name, step, plan }: StepActionsProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const waits = waitsForPerson(step) && step.waitsFor?.kind === 'signal' ? step.waitsFor : null;
  const noRetry = whyNot('retry', run);
  return (
    <div class="row">
      {waits?.answers.map((answer, at) => (
        <Action
          key={answer}
          permission="operate"
          tone={at === 0 ? 'primary' : undefined}
          testId={`answer-${answer}`}
          onClick={() => askAnswer(run, name, answer, plan)}
        >
          Answer {answer}
        </Action>
      ))}
      {waits !== null && (
        <Action permission="operate" icon="code" onClick={() => setOpen(true)}>
          {waits.answers.length === 0 ? 'Give the signal' : 'With a payload'}
        </Action>
      )}
      {noRetry === null && (
        <Action permission="operate" action="retry" icon="again" onClick={() => askRetry(run, name)}>
          Retry from this step
        </Action>
      )}
      {isOpen && (
        <SignalDialog run={run.run} step={name} answers={waits?.answers ?? []} onClose={() => setOpen(false)} />
      )}
    </div>
  );
}

function askAnswer({ run, flow }: RunView, name: string, answer: string, plan: Plan | undefined): void {
  const next = plan === undefined ? [] : followersOf(plan, name, answer);
  ask({
    title: `Answer ${answer} to ${name}?`,
    body: (
      <>
        <p>
          Run <code>{run}</code> of {flow}. The first answer counts, and nobody can take it back.
        </p>
        <p>{next.length === 0 ? `No step begins because of ${answer} alone.` : `It lets ${next.join(', ')} begin.`}</p>
      </>
    ),
    confirm: `Answer ${answer}`,
    reason: 'required',
    run: async (reason) => {
      await act(run, 'signal', { step: name, answer, ...because(reason) });
      return `${name}: ${answer}`;
    },
  });
}
