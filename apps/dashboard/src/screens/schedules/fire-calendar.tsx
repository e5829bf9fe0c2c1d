import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../../data/api.js';
import { now } from '../../data/clock.js';
import { problemOf, type ApiProblem } from '../../data/problem.js';
import type { Schedule } from '../../data/types.js';
import { Loading, Problem } from '../../ui/empty.js';
import { count } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { Section } from '../../ui/page.js';
import type { FireTime } from '../shapes.js';
import { monthAfter, sheetOf, wallOf, type Day } from './month.js';
import { zoneOf } from './when-words.js';

const MOST = 1_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The times that the definition names, on the sheet of a month. */
export function FireCalendar({ schedule }: { schedule: Schedule }): JSX.Element {
  const zone = zoneOf(schedule.spec);
  const [month, setMonth] = useState(() => wallOf(now.peek(), zone).date.slice(0, 7));
  const { fires, error } = useFires(schedule, month);
  return (
    <Section
      title="Calendar"
      aside={
        <span class="row tight">
          <button
            type="button"
            class="quiet square"
            aria-label="Month before"
            onClick={() => setMonth(monthAfter(month, -1))}
          >
            <Icon name="left" />
          </button>
          <b aria-live="polite">{month}</b>
          <button
            type="button"
            class="quiet square"
            aria-label="Month after"
            onClick={() => setMonth(monthAfter(month, 1))}
          >
            <Icon name="right" />
          </button>
        </span>
      }
    >
      {error !== null && <Problem error={error} />}
      {error === null && fires === null && <Loading />}
      {fires !== null && <Sheet days={sheetOf(month, fires, zone, now.value)} />}
      {fires?.length === MOST && (fires.at(-1)?.nominal ?? '') < monthAfter(month, 1) && (
        <p class="muted">The first {count(MOST)} times of the month are shown.</p>
      )}
      <p class="muted small">Nominal times in {zone}, without what a pause left out.</p>
    </Section>
  );
}

function Sheet({ days }: { days: readonly Day[] }): JSX.Element {
  return (
    <ol class="calendar" aria-label="Days of the month">
      {WEEKDAYS.map((day) => (
        <li key={day} class="weekday" aria-hidden="true">
          {day}
        </li>
      ))}
      {days.map(({ date, inMonth, isToday, fires }) => (
        <li
          key={date}
          class={[inMonth ? '' : 'outside', isToday ? 'today' : '', fires.length > 0 ? 'fires' : ''].join(' ').trim()}
          title={fires.length === 0 ? `${date}: nothing` : `${date}: ${listed(fires)}`}
        >
          <span class="day">{Number(date.slice(8))}</span>
          {fires.length > 0 && <span class="times">{fires.length === 1 ? fires[0] : `${count(fires.length)}×`}</span>}
          <span class="hidden">{fires.length === 0 ? 'nothing' : listed(fires)}</span>
        </li>
      ))}
    </ol>
  );
}

const listed = (fires: readonly string[]): string =>
  fires.length <= 6 ? fires.join(', ') : `${fires.slice(0, 6).join(', ')} and ${fires.length - 6} more`;

/** Asks for the times of a month: null while the answer is on its way. */
function useFires(
  { name, spec }: Schedule,
  month: string,
): { fires: readonly FireTime[] | null; error: ApiProblem | null } {
  const [state, setState] = useState<{ fires: readonly FireTime[] | null; error: ApiProblem | null }>({
    fires: null,
    error: null,
  });
  const key = JSON.stringify(spec);
  useEffect(() => {
    let isWanted = true;
    setState({ fires: null, error: null });
    const { when, spread, jitter } = spec as { when?: unknown; spread?: unknown; jitter?: unknown };
    const asked = { when, ...(spread === undefined ? {} : { spread }), ...(jitter === undefined ? {} : { jitter }) };
    // A day earlier: the sheet is by the clock of the schedule.
    const from = new Date(Date.parse(`${month}-01T00:00:00Z`) - 86_400_000).toISOString();
    api.post('/v1/schedules/preview', {}, { spec: asked, name, from, count: MOST }).then(
      ({ items }) => isWanted && setState({ fires: items, error: null }),
      (thrown: unknown) => isWanted && setState({ fires: null, error: problemOf(thrown) }),
    );
    return () => {
      isWanted = false;
    };
  }, [name, key, month]);
  return state;
}
