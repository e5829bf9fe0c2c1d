import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { problemOf, type ApiProblem } from '../data/problem.js';
import { refreshAll } from '../data/query.js';
import { Dialog } from '../ui/dialog.js';
import { Problem } from '../ui/empty.js';
import { Field } from '../ui/field.js';
import { toast } from '../ui/toast.js';

interface ChangeDialogProps {
  title: string;
  onClose: () => void;
  /** The controls. */
  form: ComponentChildren;
  /** Why nothing can be reviewed yet; null: it can. */
  missing: string | null;
  /** The consequence in words: it says whom the change concerns. */
  review: ComponentChildren;
  confirm: string;
  tone?: 'danger' | undefined;
  reason?: 'required' | 'optional';
  run: (reason: string | undefined) => Promise<string>;
  undo?: (() => Promise<unknown>) | undefined;
}

/** Two steps: first what is wanted, then what would change, with the reason. One can go back. */
export function ChangeDialog({ title, onClose, form, missing, review, ...rest }: ChangeDialogProps): JSX.Element {
  const [isReview, setReview] = useState(false);
  return (
    <Dialog title={title} onClose={onClose} wide>
      {isReview ? (
        <ReviewStep {...rest} onClose={onClose} onBack={() => setReview(false)} review={review} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (missing === null) setReview(true);
          }}
        >
          <div class="dialog-body">{form}</div>
          <div class="dialog-actions">
            {missing !== null && <span class="muted small">{missing}</span>}
            <button type="button" onClick={onClose}>
              Keep as it is
            </button>
            <button type="submit" class="primary" disabled={missing !== null}>
              Review
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

type ReviewProps = Pick<ChangeDialogProps, 'review' | 'confirm' | 'tone' | 'reason' | 'run' | 'undo' | 'onClose'> & {
  onBack: () => void;
};

function ReviewStep({
  review,
  confirm,
  tone,
  reason: wanted = 'required',
  run,
  undo,
  onClose,
  onBack,
}: ReviewProps): JSX.Element {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<ApiProblem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const given = reason.trim();
  const isMissing = wanted === 'required' && given === '';
  const act = (event: Event): void => {
    event.preventDefault();
    if (isMissing || isBusy) return;
    setBusy(true);
    run(given === '' ? undefined : given).then(
      (text) => {
        onClose();
        toast(text, { undo });
        refreshAll();
      },
      (thrown: unknown) => {
        setBusy(false);
        setError(problemOf(thrown));
      },
    );
  };
  return (
    <form onSubmit={act}>
      <div class="dialog-body">
        {review}
        <Field label="Reason" hint={wanted === 'required' ? 'Needed: others will ask' : 'Others will see it'}>
          <input value={reason} maxLength={1_024} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
        </Field>
        {error !== null && <Problem error={error} />}
      </div>
      <div class="dialog-actions">
        <button type="button" onClick={onBack} ref={focused}>
          Back
        </button>
        <button type="submit" class={tone ?? 'primary'} disabled={isMissing || isBusy}>
          {isBusy ? `${confirm}…` : confirm}
        </button>
      </div>
    </form>
  );
}

/** The focus begins on the control that changes nothing. */
const focused = (button: HTMLButtonElement | null): void => button?.focus();
