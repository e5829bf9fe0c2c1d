import type { JSX } from 'preact';
import { Field } from '../../ui/field.js';
import { bytes } from '../../ui/format.js';
import { faultOf } from './json-fault.js';

/** Payloads above it are refused. */
const MOST_BYTES = 256 * 1_024;

/** The payload as JSON; says where it stops being JSON. */
export function PayloadField({ text, onText }: { text: string; onText: (text: string) => void }): JSX.Element {
  const fault = faultOf(text);
  const size = new TextEncoder().encode(text).length;
  const error =
    fault !== null
      ? `Line ${fault.line}, column ${fault.column}: ${fault.text}`
      : size > MOST_BYTES
        ? `${bytes(size)} are more than a payload may have: 256 kB`
        : undefined;
  return (
    <div class="stack tight">
      <Field label="Payload" hint={`JSON, ${bytes(size)}. Empty: no payload`} error={error}>
        <textarea
          class="mono"
          rows={10}
          spellcheck={false}
          data-testid="payload"
          value={text}
          onInput={({ currentTarget }) => onText(currentTarget.value)}
        />
      </Field>
      <div>
        <button
          type="button"
          class="quiet"
          disabled={fault !== null || text.trim() === ''}
          onClick={() => onText(JSON.stringify(JSON.parse(text), null, 2))}
        >
          Format
        </button>
      </div>
    </div>
  );
}
