import type { StatusView } from '@drover/client';
import { TASK_STATES } from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { counted, formatAgo, formatCount, someOf } from './format.js';
import { showQueues } from './queues.js';
import { renderFields } from './table.js';
import { describeFullQueues, describeHeldQueues } from './wait-reasons.js';
import { showWorkers } from './workers.js';

/** Rows of a table in `status`; the command for each table shows all. */
const MOST_ROWS = 20;
/** Width of long lists of names. */
const NAME_COLUMNS = 200;
/** The leader writes counts about once a second while they change; older ones are suspicious. */
const FRESH_MS = 2_500;

/** The document that `drover status --json` prints. */
export function statusDocument(status: StatusView, now: number): object {
  const { leader, schedulers, workers, tasks, queues, at } = status;
  const { queuesLeftOut, unservedTypes, unservedTypesLeftOut, unreadableBatches, intake, firesHeld, complete } = status;
  const { undeclaredLimits } = status;
  return {
    leader,
    schedulers: schedulers.map(({ id, host, pid, role, api, tz }) => ({
      ...{ id, host, pid, role },
      ...(tz === undefined ? {} : { tz }),
      ...(api === undefined ? {} : { api }),
    })),
    workers: workers.map(({ id, name, host, pid, out, running, capacity, state, drainedBy, labels }) => ({
      ...{ id, name, host, pid, out, running, capacity, state, labels },
      ...(drainedBy === undefined ? {} : { drainedBy }),
    })),
    tasks,
    queues,
    queuesLeftOut,
    unservedTypes,
    unservedTypesLeftOut,
    ...(unreadableBatches === undefined ? {} : { unreadableBatches }),
    ...(undeclaredLimits === undefined ? {} : { undeclaredLimits }),
    intake,
    firesHeld,
    complete,
    at,
    ageMs: at === null ? null : Math.max(now - at, 0),
  };
}

/** The text of `drover status` for people. `width`: of the terminal; without one nothing is cut. */
export function showStatus(status: StatusView, now: number, colors: Colors, width = Infinity): string {
  const { schedulers, workers, queues, queuesLeftOut } = status;
  const fields: [string, string][] = [
    ['Leader', showLeader(status, colors)],
    ['Schedulers', showSchedulers(schedulers, colors)],
    ['Tasks', showTasks(status, colors)],
  ];
  const age = showAge(status, now, colors);
  if (age !== null) fields.push(['Counted', age]);
  if (status.intake?.open === false)
    fields.push(['Intake', colors.red(`closed: ${status.intake.reason ?? status.intake.code ?? 'no reason given'}`)]);
  const full = describeFullQueues(status);
  if (full !== '') fields.push(['Full', colors.yellow(`no new tasks for ${full}`)]);
  if (status.firesHeld !== null) fields.push(['Schedules', colors.red(`do not fire: ${status.firesHeld.reason}`)]);
  const zoneData = differingZoneData(schedulers);
  if (zoneData !== '') fields.push(['Zone data', colors.yellow(zoneData)]);
  const held = describeHeldQueues(status);
  if (held !== '') fields.push(['Waiting', colors.yellow(held)]);
  if (status.unservedTypes.length > 0)
    fields.push([
      'No worker for',
      colors.yellow(someOf(status.unservedTypes, status.unservedTypesLeftOut, NAME_COLUMNS)),
    ]);
  if (status.undeclaredLimits !== undefined)
    fields.push([
      'Undeclared',
      colors.yellow(`tasks name limits that limit nothing: ${status.undeclaredLimits.join(', ')}`),
    ]);
  if (status.unreadableBatches !== undefined)
    fields.push([
      'Unreadable',
      colors.red(`batches that the leader leaves alone, its log says why: ${formatCount(status.unreadableBatches)}`),
    ]);
  const parts = [renderFields(fields, colors), showWorkers(workers.slice(0, MOST_ROWS), now, colors, width)];
  if (workers.length > MOST_ROWS) parts.push(more(workers.length - MOST_ROWS, 'worker', 'workers', colors));
  const busiest = [...queues].sort((a, b) => b.pending + b.out - (a.pending + a.out));
  if (queues.length > 0) parts.push(showQueues(busiest.slice(0, MOST_ROWS), now, colors, width));
  const otherQueues = Math.max(queues.length - MOST_ROWS, 0) + queuesLeftOut;
  if (otherQueues > 0) parts.push(more(otherQueues, 'queue', 'queue', colors));
  return parts.join('\n\n');
}

const more = (count: number, noun: string, command: string, colors: Colors): string =>
  colors.dim(`and ${formatCount(count)} more ${noun}${count === 1 ? '' : 's'} ('drover ${command}' lists them)`);

function showLeader({ leader }: StatusView, colors: Colors): string {
  if (leader === null) return colors.yellow('none: tasks wait until a scheduler leads');
  return `${colors.bold(leader.id)}, epoch ${leader.epoch} ${colors.dim(`(${leader.host}, process ${leader.pid})`)}`;
}

function showSchedulers(schedulers: StatusView['schedulers'], colors: Colors): string {
  const shown = schedulers.slice(0, MOST_ROWS).map(({ id, role }) => `${id} ${colors.dim(role)}`);
  const others = schedulers.length - shown.length;
  return shown.join(', ') + (others > 0 ? ` and ${counted(others, 'more')}` : '') || colors.yellow('none');
}

/** Empty where all have the same. Schedules may fire at other times when another scheduler leads. */
function differingZoneData(schedulers: StatusView['schedulers']): string {
  const known = schedulers.filter(({ tz }) => tz !== undefined);
  if (new Set(known.map(({ tz }) => tz)).size < 2) return '';
  const each = known.slice(0, MOST_ROWS).map(({ id, tz = '' }) => `${id} ${tz}`);
  return `schedulers have different ones, give all of them the same Node: ${each.join(', ')}`;
}

/** `12 out (8 running)`: handed to workers, and those of them that workers say they run. */
function showTasks({ tasks }: StatusView, colors: Colors): string {
  if (tasks === null) return colors.yellow('unknown: no scheduler has led here yet');
  const { out, running, ...others } = tasks;
  const counts: Readonly<Record<string, number>> = others;
  const parts = TASK_STATES.flatMap((state) => {
    if (state === 'assigned') return out === 0 ? [] : [shownOut(out, running, colors)];
    const count = counts[state] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${colors.dim(state)}`];
  });
  return parts.join('  ') || colors.dim('none');
}

const shownOut = (out: number, running: number, colors: Colors): string =>
  `${formatCount(out)} ${colors.dim(`out (${formatCount(running)} running)`)}`;

/** `null`: fresh. While nothing is to be done nothing changes, and old counts are right. */
function showAge({ at, leader, tasks, complete }: StatusView, now: number, colors: Colors): string | null {
  if (at === null || tasks === null) return null;
  if (leader === null) return colors.yellow(`${formatAgo(at, now)}, by the last leader`);
  if (!complete) return colors.yellow('in part: the leader has just taken over and is still reading batches');
  if (now - at < FRESH_MS) return null;
  const isIdle = tasks.pending + tasks.out === 0;
  const changed = `as of ${formatAgo(at, now)}`;
  return isIdle ? colors.dim(`${changed}; nothing is pending`) : colors.yellow(changed);
}
