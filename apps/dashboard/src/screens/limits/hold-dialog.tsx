import { parseWithinYear } from '@drover/core';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../../ui/field.js';
import { duration } from '../../ui/format.js';
import { ChangeDialog } from '../change-dialog.js';
import { hold } from './limit-actions.js';

const OFTEN = ['30s', '5m', '1h'];

interface HoldDialogProps {
  name: string;
  /** Null: all of it. */
  limitKey: string | null;
  onClose: () => void;
}

/** For how long; then what that means. */
export function HoldDialog({ name, limitKey, onClose }: HoldDialogProps): JSX.Element {
  const [text, setText] = useState('5m');
  const ms = readDuration(text);
  const what = limitKey === null ? `limit ${name}` : `${name}/${limitKey}`;
  return (
    <ChangeDialog
      title={`Hold ${what}`}
      onClose={onClose}
      missing={ms === null || ms === 0 ? 'A time such as 30s, 5m or 2h, a year at most' : null}
      form={
        <>
          <Field label="For how long" hint="30s, 5m, 2h; a year at most">
            <input value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
          </Field>
          <p class="row">
            {OFTEN.map((often) => (
              <button
                key={often}
                type="button"
                class="quiet"
                aria-pressed={often === text}
                onClick={() => setText(often)}
              >
                {often}
              </button>
            ))}
          </p>
        </>
      }
      review={
        <p>
          No task of {what} starts for {duration(ms ?? 0)}. Tasks that run go on; those that wait start afterwards as
          the limit allows.
        </p>
      }
      confirm="Hold"
      tone="danger"
      run={async (reason) => {
        await hold(name, limitKey, text, reason);
        return `${what} is held for ${duration(ms ?? 0)}`;
      }}
      undo={() => hold(name, limitKey, '0s', 'undone')}
    />
  );
}

function readDuration(text: string): number | null {
  try {
    return parseWithinYear('', text);
  } catch {
    return null;
  }
}
