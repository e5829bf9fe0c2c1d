const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?([Zz]|[+-]\d\d:\d\d))?$/;

const LATEST = Date.UTC(9999, 11, 31);

/**
 * Milliseconds since 1970 of `2026-11-28` (its beginning in UTC) or `2026-11-28T10:00[:30[.123]]` with `Z` or `+02:00`.
 * `null` where it is no such text, names no day or hour that there is, or lies before 1970. Pure.
 */
export function parseInstant(text: string): number | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = INSTANT.exec(text) ?? [];
  if (year === undefined) return null;
  const time = `${year}-${month ?? ''}-${day ?? ''}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}Z`;
  const utc = Date.parse(time);
  const offset = offsetMs(zone);
  // Date.parse takes a 31st of February for a day of March.
  if (offset === null || Number.isNaN(utc) || new Date(utc).toISOString() !== time) return null;
  const at = utc - offset;
  return at >= 0 && at < LATEST ? at : null;
}

function offsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
