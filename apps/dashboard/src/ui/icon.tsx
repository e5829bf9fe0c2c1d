import type { JSX } from 'preact';

/** Paths in a field of 16 by 16, drawn with a line of 1.5. */
const ICONS = {
  overview: 'M2.5 13.5v-5M6.5 13.5v-9M10.5 13.5v-6M14 13.5v-11',
  tasks: 'M6 4h8M6 8h8M6 12h8M2.5 4h.5M2.5 8h.5M2.5 12h.5',
  failures: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 12v.2',
  queues: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h6M11 11.5l2 2 2-2',
  workers: 'M3.5 3.5h9v9h-9zM6 6h4v4H6zM6 1.5v2M10 1.5v2M6 12.5v2M10 12.5v2M1.5 6h2M1.5 10h2M12.5 6h2M12.5 10h2',
  schedules: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 4.5V8l2.5 1.5',
  flows: 'M1.5 6.5h4v3h-4zM10.5 2h4v3h-4zM10.5 11h4v3h-4zM5.5 8h2.5M10.5 3.5H8v9h2.5',
  broadcasts:
    'M8 9.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10',
  limits: 'M2 11a6 6 0 1 1 12 0M8 11l3-4M2 13.5h12',
  capacity: 'M2 3.5h12v3H2zM2 9.5h12v3H2zM8 3.5v3M5 9.5v3',
  submit: 'M8 3v10M3 8h10',
  cluster:
    'M8 5.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM3.5 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12.5 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 5.3 4.5 10.2M9 5.3l2.5 4.9M5.5 12h5',
  events: 'M1.5 8h3l2-5 3 10 2-5h3',
  audit: 'M4 1.5h6l3 3v10H4zM6.5 7h4M6.5 9.5h4M6.5 12h2',
  code: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  settings: 'M2 5h6M12 5h2M10 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM2 11h2M8 11h6M6 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  drover: 'M3.5 3H7a5 5 0 0 1 0 10H3.5zM11 8h3M12 5h2M12 11h2',
  menu: 'M2 4.5h12M2 8h12M2 11.5h12',
  minus: 'M3 8h10',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  ok: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  clock: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 4.5V8l2.5 1.5',
  bolt: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z',
  stop: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM4 12 12 4',
  wait: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z',
  hand: 'M2.5 8h9M8 4.5 11.5 8 8 11.5M13.5 3v10',
  run: 'M5 3.5 12 8l-7 4.5z',
  again: 'M13 3v3.5H9.5M13 6.5A5.5 5.5 0 1 0 13.3 9',
  question: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.3C8.3 8.7 8 9.2 8 10M8 12.5v.2',
  info: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM8 7.5v4M8 4.8V5',
  warn: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 12v.2',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5 12 8l-7 4.5z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM5.5 14h5M8 11v3',
  user: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14a5.5 5.5 0 0 1 11 0',
  locked: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  unlocked: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.5 10.5 14 14',
  star: 'M8 2l1.8 3.8 4.2.6-3 3 .7 4.1L8 11.5l-3.7 2 .7-4.1-3-3 4.2-.6z',
  right: 'M6 3.5 10.5 8 6 12.5',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  external: 'M9 2.5h4.5V7M13.5 2.5 7.5 8.5M11.5 9v4.5h-9v-9H7',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
} as const;
export type IconName = keyof typeof ICONS;

/** A sign beside a word that says the same. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  );
}
