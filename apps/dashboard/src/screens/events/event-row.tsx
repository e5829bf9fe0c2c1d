import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Link } from '../../app/router.js';
import { Badge, type Tone } from '../../ui/badge.js';
import { JsonView } from '../../ui/code.js';
import { absolute, timeOfDay } from '../../ui/format.js';
import { lineOf, type Seen } from './event-line.js';

const TONES: Readonly<Record<string, Tone>> = {
  failures: 'bad',
  audit: 'info',
  gap: 'warn',
  reset: 'warn',
  hello: 'mute',
  bye: 'warn',
};

/** An event in one line; opened, all of it. */
export function EventRow({ event }: { event: Seen }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { topic, at, data } = event;
  const task = taskIn(data);
  return (
    <li class="event">
      <time dateTime={new Date(at).toISOString()} title={absolute(at, { ms: true })} class="mono muted">
        {timeOfDay(at)}
      </time>
      <Badge tone={TONES[topic] ?? 'mute'}>{topic}</Badge>
      <span class="event-line">{lineOf(event)}</span>
      {task !== null && <Link to={`/tasks/${task}`}>task</Link>}
      <button
        type="button"
        class="quiet"
        aria-expanded={isOpen}
        title={isOpen ? 'Hide the whole event' : 'Show the whole event'}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? 'less' : 'more'}
      </button>
      {isOpen && <JsonView value={data} what="event" />}
    </li>
  );
}

function taskIn(data: unknown): string | null {
  return typeof data === 'object' && data !== null && 'task' in data && typeof data.task === 'string'
    ? data.task
    : null;
}
