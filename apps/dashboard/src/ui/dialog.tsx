import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { refreshAll } from '../data/query.js';
import { Problem } from './empty.js';
import { Field } from './field.js';
import { toast } from './toast.js';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  testId?: string;
}

/** A window over the page. Esc closes it, and the focus returns to where it was. */
export function Dialog({ title, onClose, children, wide = false, testId }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? 'wide' : undefined}
      aria-labelledby={heading}
      data-testid={testId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

/** A question before an action. */
export interface Question {
  title: string;
  /** The consequence in words: what changes, and for whom. */
  body: ComponentChildren;
  /** The name of the action, on its button. */
  confirm: string;
  tone?: 'danger';
  reason?: 'required' | 'optional';
  /** Does it; what it resolves with is said in a toast. An error stays in the dialog. */
  run: (reason: string | undefined) => Promise<string>;
  /** Takes it back, from the toast. */
  undo?: () => Promise<unknown>;
}

const asked = signal<Question | null>(null);

/** Asks before an action; the focus is on the control that changes nothing. */
export function ask(question: Question): void {
  asked.value = question;
}

/** The place of the dialog that `ask` opens. */
export function Dialogs(): JSX.Element | null {
  const question = asked.value;
  return question === null ? null : <Asked question={question} onClose={() => void (asked.value = null)} />;
}

function Asked({ question, onClose }: { question: Question; onClose: () => void }): JSX.Element {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  const given = reason.trim();
  const isMissing = question.reason === 'required' && given === '';
  const act = (): void => {
    setBusy(true);
    question.run(given === '' ? undefined : given).then(
      (text) => {
        onClose();
        toast(text, { undo: question.undo });
        refreshAll();
      },
      (thrown: unknown) => {
        setBusy(false);
        setError(problemOf(thrown));
      },
    );
  };
  return (
    <Dialog title={question.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isMissing && !isBusy) act();
        }}
      >
        <div class="dialog-body">
          {question.body}
          {question.reason !== undefined && (
            <Field
              label="Reason"
              hint={question.reason === 'required' ? 'Needed: others will ask' : 'Others will see it'}
            >
              <input value={reason} maxLength={1_024} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
            </Field>
          )}
          {error !== null && <Problem error={error} />}
        </div>
        <div class="dialog-actions">
          <button type="button" ref={cancel} onClick={onClose}>
            Keep as it is
          </button>
          <button type="submit" class={question.tone ?? 'primary'} disabled={isMissing || isBusy}>
            {isBusy ? `${question.confirm}…` : question.confirm}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
