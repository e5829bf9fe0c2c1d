import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../../ui/field.js';
import { ChangeDialog } from '../change-dialog.js';
import { because } from '../because.js';
import { faultOf } from '../submit/json-fault.js';
import { act } from './asked.js';

interface SignalDialogProps {
  run: string;
  step: string;
  /** None: the signal has no answers. */
  answers: readonly string[];
  onClose: () => void;
}

/** Gives a signal with what comes with it: steps behind it can read it. */
export function SignalDialog({ run, step, answers, onClose }: SignalDialogProps): JSX.Element {
  const [payload, setPayload] = useState('');
  const [answer, setAnswer] = useState(answers[0] ?? '');
  const fault = faultOf(payload);
  return (
    <ChangeDialog
      title={`Signal ${step}`}
      onClose={onClose}
      missing={fault === null ? null : 'The payload is not JSON yet'}
      form={
        <>
          {answers.length > 0 && (
            <Field label="Answer">
              <select value={answer} onChange={({ currentTarget }) => setAnswer(currentTarget.value)}>
                {answers.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </Field>
          )}
          <Field
            label="Payload"
            hint="JSON; empty means null. It becomes the result of the step"
            error={fault === null ? undefined : `Line ${fault.line}, column ${fault.column}: ${fault.text}`}
          >
            <textarea
              value={payload}
              spellcheck={false}
              onInput={({ currentTarget }) => setPayload(currentTarget.value)}
            />
          </Field>
        </>
      }
      review={
        <p>
          Step {step} ends{answer === '' ? '' : ` with the answer ${answer}`}, and those that wait for it go on. The
          first signal counts, and nobody can take it back.
        </p>
      }
      confirm="Give the signal"
      run={async (reason) => {
        await act(run, 'signal', {
          step,
          ...(answer === '' ? {} : { answer }),
          ...(payload.trim() === '' ? {} : { payload: JSON.parse(payload) as unknown }),
          ...because(reason),
        });
        return answer === '' ? `${step} has its signal` : `${step}: ${answer}`;
      }}
    />
  );
}
