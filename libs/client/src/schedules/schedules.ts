import { checkOptions, InvalidArgumentError, parseName } from '@drover/core';
import type { Log } from '@drover/observability';
import type { Plan } from '@drover/flow';
import {
  FIRE_RUNS,
  planPath,
  startsIn,
  type CommandAnswer,
  type CommandRequest,
  type ScheduleReplyRecord,
  type ScheduleViewRecord,
} from '@drover/protocol';
import { isFlowRun, type RunSpec } from '@drover/schedules';

import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { checkedAll, checkOverlap, type Checked } from './check.js';
import { Backfills, toBackfill } from './backfills.js';
import { checkReply, firstReply } from './reply.js';
import { command, type CommandContext } from '../admin/command.js';
import { ScheduleNotFoundError } from '../errors.js';
import type { AskOptions } from '../options.js';
import type {
  Applied,
  ApplyOptions,
  BackfillOptions,
  FireTime,
  NamedSchedule,
  ScheduleFire,
  ScheduleInput,
  ScheduleReply,
  Schedules,
  ScheduleSummary,
  ScheduleView,
  Started,
} from './api.js';
import { fireTime, previewSchedule } from './preview.js';
import { readCalendars, readSchedules, reasonsOf, toChange, toStarted } from './read-schedules.js';

/** Bytes of the definitions in one command. */
const COMMAND_BYTES = 200 * 1024;
const NAMES_PER_COMMAND = 1_000;

export interface SchedulesHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
  log: Log;
  now: () => number;
}

/** `drover.schedules`: what is given is checked here, then the leader is asked. */
export class ScheduleClient implements Schedules {
  readonly #home: SchedulesHome;
  readonly backfill: Schedules['backfill'];
  readonly backfills: Schedules['backfills'];
  readonly removeBackfill: Schedules['removeBackfill'];

  constructor(home: SchedulesHome) {
    this.#home = home;
    const backfills = new Backfills((request, asked) => this.#ask(request, asked));
    this.backfill = ((name: string, options: BackfillOptions) =>
      backfills.make(name, options)) as Schedules['backfill'];
    this.backfills = async (name) => (await this.get(name)).backfills;
    this.removeBackfill = (name, id, options) => backfills.remove(name, id, options);
  }

  async set<Input = unknown>(
    name: string,
    spec: ScheduleInput<Input>,
    options: AskOptions & { ifRevision?: number } = {},
  ): Promise<ScheduleReply> {
    checkOptions(options, ['by', 'reason', 'ifRevision']);
    const { ifRevision, ...asked } = options;
    if (ifRevision !== undefined && (!Number.isInteger(ifRevision) || ifRevision < 0))
      throw new InvalidArgumentError('ifRevision', ifRevision, 'the number of a revision, or 0 for none');
    const checked = await this.#check([{ name, ...spec }]);
    const answer = await this.#setAll(checked, asked, ifRevision === undefined ? {} : { ifRevision });
    return toReply(firstReply(answer, name));
  }

  async get(name: string): Promise<ScheduleView> {
    const answer = await this.#ask({ kind: 'show-schedule', name: parseName('name', name) }, {});
    if (answer.schedule === undefined) throw new ScheduleNotFoundError(name);
    return toView(answer.schedule);
  }

  async list(options: { labels?: Readonly<Record<string, string>> } = {}): Promise<ScheduleSummary[]> {
    checkOptions(options, ['labels']);
    const { labels = {} } = options;
    const all = await this.#home.read((zk) => readSchedules(zk, this.#home.log));
    return all.filter(({ spec }) => hasLabels(spec, labels));
  }

  pause(name: string, reason?: string, asked: AskOptions = {}): Promise<void> {
    return this.#setPaused(name, true, reason, asked);
  }

  resume(name: string, reason?: string, asked: AskOptions = {}): Promise<void> {
    return this.#setPaused(name, false, reason, asked);
  }

  async #setPaused(name: string, paused: boolean, reason: string | undefined, asked: AskOptions): Promise<void> {
    const why = reason === undefined ? {} : { reason };
    const request = { kind: 'pause-schedules' as const, names: [parseName('name', name)], paused };
    firstReply(await this.#ask(request, { ...asked, ...why }), name);
  }

  async reset(name: string, options: AskOptions & { mark: 'now' }): Promise<void> {
    checkOptions(options, ['by', 'reason', 'mark']);
    const { mark, ...asked } = options as AskOptions & { mark?: unknown };
    if (mark !== 'now') throw new InvalidArgumentError('mark', mark, "'now'");
    firstReply(await this.#ask({ kind: 'reset-schedules', names: [parseName('name', name)] }, asked), name);
  }

  async trigger(name: string, options: AskOptions & { overlap?: string } = {}): Promise<Started> {
    checkOptions(options, ['by', 'reason', 'overlap']);
    const { overlap, ...asked } = options;
    const how = overlap === undefined ? {} : { overlap: checkOverlap(overlap) };
    const answer = await this.#ask({ kind: 'trigger-schedule', name: parseName('name', name), ...how }, asked);
    const { task: id, starts = 'task' } = answer;
    if (id === undefined) firstReply(answer, name);
    return toStarted({ starts, id: id ?? '' });
  }

  async remove(name: string, options: AskOptions & { cancel?: boolean } = {}): Promise<void> {
    checkOptions(options, ['by', 'reason', 'cancel']);
    const { cancel = false, ...asked } = options;
    firstReply(await this.#ask({ kind: 'remove-schedules', names: [parseName('name', name)], cancel }, asked), name);
  }

  async preview(
    spec: Pick<ScheduleInput, 'when' | 'spread' | 'jitter'>,
    options: { name?: string; from?: number | string | Date; count?: number } = {},
  ): Promise<FireTime[]> {
    return previewSchedule(spec, { ...options, now: this.#home.now() }, await this.#calendarsIn([spec]));
  }

  async apply(schedules: Iterable<NamedSchedule>, options: ApplyOptions = {}): Promise<Applied> {
    checkOptions(options, ['by', 'reason', 'dryRun', 'prune']);
    const { dryRun = false, prune, ...asked } = options;
    const wanted = await this.#check([...schedules]);
    const known = new Map((await this.list()).map((each) => [each.name, each]));
    const isSame = ({ name, spec }: Checked): boolean => JSON.stringify(known.get(name)?.spec) === JSON.stringify(spec);
    const news = wanted.filter((each) => !isSame(each));
    const names = new Set(wanted.map(({ name }) => name));
    const pruned =
      prune === undefined
        ? []
        : [...known.values()].filter(({ name, spec }) => !names.has(name) && hasLabels(spec, prune)).map(nameOf);
    const applied: Applied = {
      created: news.filter(({ name }) => !known.has(name)).map(nameOf),
      changed: news.filter(({ name }) => known.has(name)).map(nameOf),
      unchanged: wanted.filter(isSame).map(nameOf),
      pruned,
    };
    if (!dryRun) await this.#write(news, pruned, asked);
    return applied;
  }

  async #write(news: readonly Checked[], pruned: readonly string[], asked: AskOptions): Promise<void> {
    for (const some of cutByBytes(news)) {
      const answer = await this.#setAll(some, asked);
      for (const reply of answer.schedules ?? []) toReply(checkReply(reply));
    }
    for (let from = 0; from < pruned.length; from += NAMES_PER_COMMAND)
      await this.#ask({ kind: 'remove-schedules', names: pruned.slice(from, from + NAMES_PER_COMMAND) }, asked);
  }

  /** The plans that they name go with them: the leader keeps those that it accepts. */
  async #setAll(all: readonly Checked[], asked: AskOptions, how: { ifRevision?: number } = {}): Promise<CommandAnswer> {
    const schedules = all.map(({ name, spec }) => ({ name, spec: { ...spec }, ...how }));
    const plans = [...new Set(all.flatMap(({ flow }) => (flow === null ? [] : [flow.text])))];
    const request = { kind: 'set-schedules' as const, schedules, ...(plans.length > 0 && { plans }) };
    const needs = all.some(({ spec }) => startsIn(spec.run) !== 'task') ? [FIRE_RUNS] : [];
    return this.#ask(request, asked, needs);
  }

  async export(options: { labels?: Readonly<Record<string, string>> } = {}): Promise<NamedSchedule[]> {
    const all = await this.list(options);
    const plans = await this.#plansIn(all);
    return all.map(({ name, spec }) => ({ name, ...spec, run: withPlanOf(spec.run, plans) }));
  }

  async #plansIn(all: readonly ScheduleSummary[]): Promise<ReadonlyMap<string, Plan>> {
    const runs = all.map(({ spec }) => spec.run as RunSpec);
    const hashes = [...new Set(runs.flatMap((run) => (isFlowRun(run) ? [run.plan] : [])))];
    const plans = new Map<string, Plan>();
    await this.#home.read(async (zk) => {
      for (const hash of hashes) {
        const znode = await nullOn(zk.get(planPath(hash)), 'NO_NODE');
        if (znode !== null) plans.set(hash, JSON.parse(new TextDecoder().decode(znode.data)) as Plan);
      }
    });
    return plans;
  }

  /** All of them, before anything is written. Throws `InvalidArgumentError` that names the entry. */
  async #check(given: readonly unknown[]): Promise<Checked[]> {
    return checkedAll(given, await this.#calendarsIn(given), this.#home.now());
  }

  /** Only where some schedule names one: most name none. */
  async #calendarsIn(given: readonly unknown[]): Promise<ReadonlyMap<string, readonly string[]>> {
    if (!given.some((each) => (textOf(each) ?? '').includes('"calendar"'))) return new Map();
    const calendars = await this.#home.read((zk) => readCalendars(zk, this.#home.log));
    return new Map(calendars.map(({ name, dates }) => [name, dates]));
  }

  #ask(request: CommandRequest, asked: AskOptions, needs: readonly string[] = []): Promise<CommandAnswer> {
    return command(request, this.#home.commands(asked), needs);
  }
}

/** With the plan itself, so that it can be set where the plan is not. */
function withPlanOf(run: ScheduleInput['run'], plans: ReadonlyMap<string, Plan>): ScheduleInput['run'] {
  const stored = run as RunSpec;
  const plan = isFlowRun(stored) ? plans.get(stored.plan) : undefined;
  if (plan === undefined) return run;
  const { plan: _hash, ...rest } = run as RunSpec & { plan?: string };
  return { ...rest, flow: plan } as ScheduleInput['run'];
}

const nameOf = ({ name }: { name: string }): string => name;

/** Some values have no JSON: they are refused where they are checked. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** A plan counts once for all schedules of a command. */
function* cutByBytes(all: readonly Checked[]): Iterable<Checked[]> {
  let some: Checked[] = [];
  let plans = new Set<string>();
  let bytes = 0;
  for (const { name, spec, flow } of all) {
    const plan = flow?.text ?? '';
    const own = Buffer.byteLength(JSON.stringify({ name, spec }));
    const size = own + (plans.has(plan) ? 0 : Buffer.byteLength(plan));
    if (some.length > 0 && bytes + size > COMMAND_BYTES) {
      yield some;
      [some, plans, bytes] = [[], new Set(), 0];
    }
    some.push({ name, spec, flow });
    bytes += own + (plans.has(plan) ? 0 : Buffer.byteLength(plan));
    plans.add(plan);
  }
  if (some.length > 0) yield some;
}

const hasLabels = ({ labels = {} }: ScheduleInput, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

const toReply = ({ name, change, revision = 0 }: ScheduleReplyRecord): ScheduleReply => ({
  name,
  change: change as ScheduleReply['change'],
  revision,
});

function toView(record: ScheduleViewRecord): ScheduleView {
  const { name, revision, changedBy, paused, endedAt, broken, next, last } = record;
  const { fired, skipped, missed, excluded, failed } = record;
  return {
    ...{ name, revision, spec: record.spec as unknown as ScheduleInput, endedAt, broken },
    changedBy: toChange(changedBy),
    paused: paused === null ? null : toChange(paused),
    next: next.map(fireTime),
    last: last === null ? null : { ...fireTime(last), ...toStarted({ starts: last.starts ?? 'task', id: last.task }) },
    ...{ fired, skipped, missed, excluded, failed },
    reasons: reasonsOf(record.reasons),
    running: record.running.map(toFire),
    waiting: record.waiting.map(toFire),
    held: record.held === undefined ? null : { code: record.held.code, reason: record.held.reason },
    backfills: (record.backfills ?? []).map(toBackfill),
  };
}

const toFire = ({
  task,
  starts = 'task',
  kind,
  nominal,
  due,
}: ScheduleViewRecord['running'][number]): ScheduleFire => ({
  ...toStarted({ starts, id: task }),
  kind,
  ...fireTime({ nominal, due }),
});
