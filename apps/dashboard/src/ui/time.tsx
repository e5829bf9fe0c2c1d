import type { JSX } from 'preact';
import { now } from '../data/clock.js';
import { absolute, roughly } from './format.js';

interface TimeProps {
  at: number;
  testId?: string;
}

/** `4 min ago`; the title has the instant. */
export function Ago({ at, testId }: TimeProps): JSX.Element {
  const ms = now.value - at;
  return <Instant at={at} text={ms < 1_000 ? 'now' : `${roughly(ms)} ago`} testId={testId} />;
}

/** `in 4 min`; what has passed is due. */
export function Until({ at, testId }: TimeProps): JSX.Element {
  const ms = at - now.value;
  return <Instant at={at} text={ms < 0 ? 'due now' : `in ${roughly(ms)}`} testId={testId} />;
}

/** The instant itself; the title says how long ago. */
export function At({ at }: TimeProps): JSX.Element {
  const ms = now.value - at;
  return (
    <time dateTime={new Date(at).toISOString()} title={ms < 0 ? `in ${roughly(-ms)}` : `${roughly(ms)} ago`}>
      {absolute(at)}
    </time>
  );
}

function Instant({ at, text, testId }: { at: number; text: string; testId: string | undefined }): JSX.Element {
  return (
    <time dateTime={new Date(at).toISOString()} title={absolute(at)} data-testid={testId}>
      {text}
    </time>
  );
}
