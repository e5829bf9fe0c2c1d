import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../../data/api.js';
import { apiAddress } from '../../data/base.js';
import { problemOf } from '../../data/problem.js';
import { Code } from '../../ui/code.js';
import { Field } from '../../ui/field.js';
import type { Operation } from './document.js';

/** Characters of an answer that are shown: streams have no end. */
const MOST = 20_000;

/** Asks with the rights of whoever looks. Streams are cut. */
export function TryIt({ operation: { path, parameters } }: { operation: Operation }): JSX.Element {
  const [values, setValues] = useState<Record<string, string>>({});
  const [answer, setAnswer] = useState<{ status: string; text: string } | null>(null);
  const inRequest = parameters.filter((parameter) => parameter.in === 'path' || parameter.in === 'query');
  const isMissing = inRequest.some(({ name, required }) => required === true && (values[name] ?? '') === '');
  const send = (event: Event): void => {
    event.preventDefault();
    if (isMissing) return;
    setAnswer({ status: '…', text: '' });
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    ask(path.replace(/\{(\w+)\}/g, ':$1'), given).then(setAnswer, (thrown: unknown) =>
      setAnswer({ status: problemOf(thrown).title, text: '' }),
    );
  };
  return (
    <form onSubmit={send} class="stack">
      <h3>Try it</h3>
      <div class="fields">
        {inRequest.map(({ name, required }) => (
          <Field key={name} label={required === true ? `${name} (needed)` : name}>
            <input
              value={values[name] ?? ''}
              autocomplete="off"
              onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
            />
          </Field>
        ))}
      </div>
      <div class="row">
        <button type="submit" disabled={isMissing}>
          Send
        </button>
        <span class="muted mono">GET {apiAddress(path)}</span>
      </div>
      {answer !== null && (
        <div>
          <p role="status">{answer.status}</p>
          {answer.text !== '' && <Code text={answer.text} what="answer" />}
        </div>
      )}
    </form>
  );
}

async function ask(path: string, values: Readonly<Record<string, string>>): Promise<{ status: string; text: string }> {
  const abort = new AbortController();
  const response = await request('GET', path, values, { signal: abort.signal });
  const text = await beginningOf(response);
  abort.abort();
  return { status: `${response.status} ${response.statusText}`, text: pretty(text) };
}

/** The text that comes until there is enough, or until nothing comes for a second. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader !== undefined && text.length < MOST) {
    const silence = new Promise<{ done: true }>((resolve) => setTimeout(() => resolve({ done: true }), 1_000));
    const piece = await Promise.race([reader.read(), silence]);
    if (piece.done) break;
    text += piece.value;
  }
  return text;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
