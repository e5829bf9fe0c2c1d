import { checkOptions, parseName } from '@drover/core';
import { command } from '../admin/command.js';
import type { AskOptions } from '../options.js';
import type { Calendars, CalendarView } from './api.js';
import { checkCalendar } from './check.js';
import { readCalendars } from './read-schedules.js';
import type { SchedulesHome } from './schedules.js';

/** `drover.calendars`: what is given is checked here, then the leader is asked. */
export class CalendarClient implements Calendars {
  readonly #home: SchedulesHome;

  constructor(home: SchedulesHome) {
    this.#home = home;
  }

  async set(name: string, dates: readonly string[], asked: AskOptions = {}): Promise<void> {
    const request = { kind: 'set-calendar' as const, ...checkCalendar(name, dates) };
    await command(request, this.#home.commands(asked));
  }

  async remove(name: string, options: AskOptions & { force?: boolean } = {}): Promise<void> {
    checkOptions(options, ['by', 'reason', 'force']);
    const { force = false, ...asked } = options;
    const request = { kind: 'remove-calendar' as const, name: parseName('name', name), force };
    await command(request, this.#home.commands(asked));
  }

  list(): Promise<CalendarView[]> {
    return this.#home.read((zk) => readCalendars(zk, this.#home.log));
  }
}
