import type { ComponentChildren, JSX } from 'preact';
import { Badge, type Tone } from '../ui/badge.js';

/** How a thing is: one word with its tone, and the sentence behind it. A low rank stands further up. */
export interface Verdict {
  readonly word: string;
  readonly tone: Tone;
  readonly text: string;
  readonly rank: number;
}

/** In a list: the word, and the sentence where somebody has to do something. */
export function VerdictCell({ of: { word, tone, text } }: { of: Verdict }): JSX.Element {
  const isFine = tone === 'ok' || tone === 'mute' || tone === 'info';
  return (
    <div class="verdict-cell">
      <Badge tone={tone} title={text}>
        {word}
      </Badge>
      {!isFine && <small>{text}</small>}
    </div>
  );
}

/** On top of a page: the word and the sentence, or more than that. */
export function VerdictLine({
  of: { word, tone, text },
  testId,
  children,
}: {
  of: Verdict;
  testId: string;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class={`sentence ${tone}`} data-testid={testId}>
      <p>
        <Badge tone={tone}>{word}</Badge> {children ?? text}
      </p>
    </div>
  );
}
