import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { place, setQuery } from '../../app/router.js';
import { useTopics } from '../../data/live.js';
import { right } from '../../data/rights.js';
import type { StreamEvent } from '../../data/sse.js';
import { download } from '../../ui/code.js';
import { Empty } from '../../ui/empty.js';
import { count, counted } from '../../ui/format.js';
import { Page } from '../../ui/page.js';
import { Search, found } from '../search.js';
import { asLines, lineOf, MOST_KEPT, partsOf, withEvent, type Seen } from './event-line.js';
import { EventRow } from './event-row.js';

const TOPICS = [
  'failures',
  'workers',
  'schedulers',
  'schedules',
  'flows',
  'broadcasts',
  'queues',
  'operations',
  'overview',
  'audit',
] as const;
const FIRST = ['failures', 'workers', 'schedulers', 'schedules', 'operations'];

/** Events as they happen. The list stands still while somebody reads further down. */
export default function Events(): JSX.Element {
  const topics = topicsOf(place.value.query.get('topics'));
  const { seen, waiting, showWaiting, clear } = useEvents(topics);
  const typed = found();
  const rows = seen.filter((event) => typed === '' || `${event.topic} ${lineOf(event)}`.toLowerCase().includes(typed));
  return (
    <Page
      title="Events"
      lead={`Events from now on; this page keeps the last ${MOST_KEPT}.`}
      actions={
        <>
          <Search label="Find in events" />
          <button
            type="button"
            disabled={seen.length === 0}
            onClick={() => download(asLines(seen), 'events.ndjson', 'application/x-ndjson')}
          >
            Export
          </button>
          <button type="button" class="quiet" disabled={seen.length === 0} onClick={clear}>
            Clear
          </button>
        </>
      }
    >
      <Topics selected={topics} />
      {waiting > 0 && (
        <p class="waiting">
          <button type="button" class="primary" data-testid="new-events" onClick={showWaiting}>
            {counted(waiting, 'new event')}
          </button>
        </p>
      )}
      {seen.length === 0 ? (
        <Empty title="Nothing has happened yet" command="drover events -f">
          Events of the topics that are chosen appear here as they happen.
        </Empty>
      ) : (
        <ol class="events" data-testid="events">
          {rows.slice(0, MOST_KEPT).map((event) => (
            <EventRow key={event.key} event={event} />
          ))}
        </ol>
      )}
      {rows.length === 0 && seen.length > 0 && (
        <p class="muted">
          None of the {count(seen.length)} has '{typed}' in it.
        </p>
      )}
    </Page>
  );
}

function topicsOf(text: string | null): readonly string[] {
  if (text === null) return FIRST;
  return text.split(',').filter((topic) => (TOPICS as readonly string[]).includes(topic));
}

function Topics({ selected }: { selected: readonly string[] }): JSX.Element {
  const audit = right('administer');
  const toggle = (topic: string): void => {
    const next = selected.includes(topic) ? selected.filter((one) => one !== topic) : [...selected, topic];
    setQuery({ topics: next.length === 0 ? 'none' : next.join(',') });
  };
  return (
    <fieldset class="row chips">
      <legend class="hidden">Topics</legend>
      {TOPICS.map((topic) => {
        const isLocked = topic === 'audit' && !audit.allowed;
        return (
          <label key={topic} class="check chip" title={topic === 'audit' && !audit.allowed ? audit.why : undefined}>
            <input
              type="checkbox"
              checked={selected.includes(topic) && !isLocked}
              disabled={isLocked}
              onChange={() => toggle(topic)}
            />
            {topic}
          </label>
        );
      })}
    </fieldset>
  );
}

const READING_PX = 120;

interface Followed {
  seen: readonly Seen[];
  /** The number of events that came while somebody was reading. */
  waiting: number;
  showWaiting: () => void;
  clear: () => void;
}

/** Events as they come. While the page is scrolled down they wait, so that nothing moves under the eyes. */
function useEvents(topics: readonly string[]): Followed {
  const [seen, setSeen] = useState<readonly Seen[]>([]);
  const held = useRef<Seen[]>([]);
  const [waiting, setWaiting] = useState(0);
  const keys = useRef(0);
  const release = (): void => {
    const events = held.current;
    held.current = [];
    setWaiting(0);
    if (events.length > 0) setSeen((before) => events.reduce(withEvent, [...before]));
  };
  useTopics(topics, (event) => {
    if (event.event === 'hello') return;
    const all = seenOf(event, () => ++keys.current);
    if (scrollY <= READING_PX) setSeen((before) => all.reduce(withEvent, [...before]));
    else {
      held.current = [...held.current, ...all].slice(-MOST_KEPT);
      setWaiting(held.current.length);
    }
  });
  useEffect(() => {
    const onScroll = (): void => {
      if (scrollY <= READING_PX && held.current.length > 0) release();
    };
    addEventListener('scroll', onScroll, { passive: true });
    return () => removeEventListener('scroll', onScroll);
  }, []);
  const showWaiting = (): void => {
    release();
    scrollTo(0, 0);
  };
  return { seen, waiting, showWaiting, clear: () => setSeen([]) };
}

function seenOf({ id, event, data }: StreamEvent, nextKey: () => number): Seen[] {
  return partsOf(event, data).map((part) => ({
    key: nextKey(),
    id,
    topic: event,
    at: timeIn(part) ?? Date.now(),
    data: part,
  }));
}

function timeIn(data: unknown): number | null {
  return typeof data === 'object' && data !== null && 'at' in data && typeof data.at === 'number' ? data.at : null;
}
