import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Code } from '../../ui/code.js';
import { Badge, type Tone } from '../../ui/badge.js';
import type { Operation } from './document.js';
import { TryIt } from './try-it.js';

const TONES: Readonly<Record<string, Tone>> = { GET: 'info', DELETE: 'bad' };

/** An operation in one line; opened, what it takes and what it answers. */
export function OperationView({ operation }: { operation: Operation }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { method, path, summary } = operation;
  return (
    <div class="api-operation">
      <button type="button" class="api-head" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Badge tone={TONES[method] ?? 'warn'}>{method}</Badge>
        <code>{path}</code>
        <span class="muted">{summary}</span>
      </button>
      {isOpen && <Details operation={operation} />}
    </div>
  );
}

function Details({ operation }: { operation: Operation }): JSX.Element {
  const { description, parameters, body, answers, method } = operation;
  return (
    <div class="api-body stack">
      {description !== '' && <p>{description}</p>}
      {parameters.length > 0 && (
        <dl class="parameters">
          {parameters.map(({ name, in: place, required, description: text }) => (
            <div key={`${place} ${name}`}>
              <dt>
                <code>{name}</code>{' '}
                <span class="muted">
                  {place}
                  {required === true ? ', needed' : ''}
                </span>
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {body !== null && (
        <>
          <h3>Body</h3>
          <Code text={body} what="body" />
        </>
      )}
      <h3>Answers</h3>
      {answers.map(({ status, media, text }) => (
        <details key={status}>
          <summary>
            <Badge tone={status.startsWith('2') ? 'ok' : status.startsWith('3') ? 'mute' : 'bad'}>{status}</Badge>{' '}
            {media ?? text}
          </summary>
          {media !== null && text !== '' && <Code text={text} what="answer" />}
        </details>
      ))}
      {method === 'GET' && <TryIt operation={operation} />}
    </div>
  );
}
