import type { JSX } from 'preact';
import { zone } from '../../data/settings.js';
import type { Schedule } from '../../data/types.js';
import { absolute } from '../../ui/format.js';
import { Section } from '../../ui/page.js';
import { Until } from '../../ui/time.js';
import { wallOf } from './month.js';
import { zoneOf } from './when-words.js';

/** The next ten times, by the clock of the schedule and by that of whoever looks. */
export function NextFires({ schedule }: { schedule: Schedule }): JSX.Element {
  const its = zoneOf(schedule.spec);
  const mine = zone.value === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Section title="Next fires">
      {schedule.next.length === 0 ? (
        <p class="muted">
          {schedule.endedAt === null
            ? 'Nobody can know the next time: it follows from the end of the last fire.'
            : 'There are none: it has ended.'}
        </p>
      ) : (
        <div class="next">
          <table>
            <caption class="hidden">The next fires</caption>
            <thead>
              <tr>
                <th scope="col">Next</th>
                <th scope="col" title="By the clock of the schedule">
                  {its}
                </th>
                {its !== mine && (
                  <th scope="col" title="By the clock that you have chosen in the settings">
                    {mine}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {schedule.next.map(({ nominal, due }) => (
                <tr key={nominal}>
                  <td>
                    <Until at={Date.parse(due)} />
                  </td>
                  <td>
                    <code>{textIn(its, nominal)}</code>
                  </td>
                  {its !== mine && (
                    <td>
                      <code>{absolute(Date.parse(nominal)).replace(/(:00)?( UTC)?$/, '')}</code>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function textIn(name: string, nominal: string): string {
  const { date, time } = wallOf(Date.parse(nominal), name);
  return `${date} ${time}`;
}
