import type { JSX } from 'preact';
import { Copy } from './copy.js';
import { bytes } from './format.js';

/** Characters; more is offered as a file. */
const SHOWN = 64 * 1_024;

interface CodeProps {
  text: string;
  what?: string;
  label?: string | undefined;
  testId?: string | undefined;
}

/** Text as it is, with a way to copy it. */
export function Code({ text, what = 'text', label, testId }: CodeProps): JSX.Element {
  const isLong = text.length > SHOWN;
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={label} role={label === undefined ? undefined : 'region'} data-testid={testId}>
        {isLong ? text.slice(0, SHOWN) : text}
      </pre>
      <div class="code-actions">
        {isLong && (
          <button type="button" class="quiet" onClick={() => download(text, `${what}.txt`)}>
            {bytes(text.length)}: download all of it
          </button>
        )}
        <Copy text={text} what={what} small />
      </div>
    </div>
  );
}

/** A value as indented JSON. */
export function JsonView({ value, what, testId }: { value: unknown; what: string; testId?: string }): JSX.Element {
  return <Code text={JSON.stringify(value, null, 2)} what={what} label={what} testId={testId} />;
}

/** Gives the user a file. */
export function download(text: string, name: string, type = 'text/plain'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
