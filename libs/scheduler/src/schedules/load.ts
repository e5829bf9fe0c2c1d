import {
  calendarPath,
  decodeRecord,
  decodeScheduleStates,
  ROOTS,
  scheduleStatePath,
  schedulesPath,
} from '@drover/protocol';
import type { Book } from '@drover/schedules';
import { messageOf } from '@drover/runtime';
import { readable, readMany, type Readable } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';

/** Pages of one request: about 4 MiB with their states. */
const AT_ONCE = 64;

/** Reads all schedules and calendars. A page that cannot be read stops its own schedules and no others. */
export async function loadSchedules(context: TermContext, book: Book): Promise<void> {
  await loadCalendars(context, book);
  const pages = (await readable(context, ROOTS.schedules, context.zk.children(ROOTS.schedules))) ?? [];
  const sorted = [...pages].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (let from = 0; from < sorted.length && context.active(); from += AT_ONCE) {
    const some = sorted.slice(from, from + AT_ONCE);
    const znodes = await readMany(
      context,
      some.flatMap((page) => [schedulesPath(page), scheduleStatePath(page)]),
    );
    some.forEach((page, at) => learnPage(context, book, page, znodes[2 * at] ?? null, znodes[2 * at + 1] ?? null));
  }
}

function learnPage(context: TermContext, book: Book, page: string, lines: Readable, states: Readable): void {
  const text = lines === null || lines === 'denied' ? '' : new TextDecoder().decode(lines.data);
  try {
    if (lines === null || lines === 'denied') throw new Error('the page cannot be read');
    if (states === null || states === 'denied') throw new Error('its state is missing or cannot be read');
    book.learnPage(page, text, decodeScheduleStates(scheduleStatePath(page), states.data));
    const broken = book.pages.get(page)?.broken ?? null;
    if (broken !== null) reportInvalid(context, schedulesPath(page), broken);
  } catch (error) {
    reportInvalid(context, schedulesPath(page), error);
    book.learnBrokenPage(page, text, messageOf(error));
  }
}

async function loadCalendars(context: TermContext, book: Book): Promise<void> {
  const names = (await readable(context, ROOTS.calendars, context.zk.children(ROOTS.calendars))) ?? [];
  const znodes = await readMany(context, names.map(calendarPath));
  names.forEach((name, at) => {
    const znode = znodes[at] ?? null;
    if (znode === null || znode === 'denied') return;
    try {
      book.times.setCalendar(name, decodeRecord('calendar', calendarPath(name), znode.data).dates);
    } catch (error) {
      reportInvalid(context, calendarPath(name), error);
    }
  });
}
