import { checkFires, compile, datesOf, parseSpread, parseWhen, preview } from '@drover/calendar';

interface Given {
  when: unknown;
  spread?: unknown;
  jitter?: unknown;
}

/** Without calendars: everything but whether it fires. Throws `InvalidArgumentError`. */
export function checkTimes({ when, spread, jitter }: Given): void {
  parseWhen('when', when);
  for (const [argument, given] of Object.entries({ spread, jitter }))
    if (given !== undefined) parseSpread(argument, given);
}

/** Of a schedule, or of as much of it as says when it fires: the next `count` fires after `after`, without a server. Throws `InvalidArgumentError`. */
export function previewOf(
  given: Given,
  options: { name?: string; after: number; count: number; calendars: ReadonlyMap<string, readonly string[]> },
): { nominal: number; due: number }[] {
  const { name, after, count } = options;
  const when = parseWhen('when', given.when);
  const calendars = new Map([...options.calendars].map(([calendar, dates]) => [calendar, datesOf(dates)]));
  const named = name === undefined ? {} : { name };
  checkFires('when', when, { ...named, calendars, after });
  const spread = given.spread === undefined ? 0 : parseSpread('spread', given.spread);
  const jitter = given.jitter === undefined ? 0 : parseSpread('jitter', given.jitter);
  return preview(compile(when, { ...named, calendars }), { ...named, spread, jitter, after, count });
}
