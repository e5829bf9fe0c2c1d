import type { LimitSpec, QueueSettings, Range, RangeEnd, UniquePolicy } from '@drover/core';
import type { Command, Group, Reservation, WorkerFact } from '../src/model.js';
import { seededRandom, World } from './world.js';

/**
 * Traces of the planner, for people: what it is told, line by line, and indented below what it decides. `replay` takes
 * the told lines of a text and writes the decisions anew, so a trace is documentation and regression in one. The words
 * are in `../traces/README.md`. `World` checks each decision against the laws besides.
 */
export function replay(text: string): string {
  const told = text.split('\n').filter((line) => !line.startsWith('  '));
  const trace = new Trace();
  return `${told
    .flatMap((line) => [line, ...trace.line(line)])
    .join('\n')
    .trimEnd()}\n`;
}

/** When a trace begins: times are told from here. */
const START = new World(seededRandom(1)).now;
/** More commands of one kind than this in one plan are counted. */
const MOST_SHOWN = 8;

class Trace {
  #world = new World(seededRandom(1), 'least-loaded');

  line(line: string): string[] {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === '' || word.startsWith('#')) return [];
    const options = Object.fromEntries(rest.filter((part) => part.includes('=')).map(pair));
    const values = rest.filter((part) => !part.includes('='));
    const answer = this.#tell(word, values, options);
    return answer.map((said) => `  ${said}`);
  }

  #tell(word: string, values: readonly string[], options: Readonly<Record<string, string>>): string[] {
    const world = this.#world;
    const [first = '', second = '', third = ''] = values;
    switch (word) {
      case 'settings':
        this.#world = new World(seededRandom(1), options.strategy ?? 'least-loaded', numbers(options));
        return [];
      case 'worker':
        world.join(first, workerFact(values.includes('draining'), options));
        return [];
      case 'workers':
        for (let n = 1; n <= Number(first); n++) world.join(`w${n}`, workerFact(false, options));
        return [];
      case 'gone':
        world.die(first);
        return [];
      case 'queue': {
        world.configure(first, queueSettings(values.includes('paused', 1), options));
        return [];
      }
      case 'batch':
        world.submit(second, [group(Number(third), options)], first, ofFlow(values.slice(3)));
        return [];
      case 'activate':
        world.deliver();
        world.activate(first);
        return [];
      case 'discard':
        world.deliver();
        world.discard(first);
        return [];
      case 'let-go':
        world.deliver();
        world.letGo(first);
        return [];
      case 'wait':
        world.now += Number(first);
        return [];
      case 'report': {
        const isThere = world.report(
          first,
          this.#ends(first, second, third),
          third === '',
          spent(options, this.#open(first)),
        );
        if (!isThere) throw new Error(`there is no assignment ${first} to report on`);
        return [];
      }
      case 'cancel':
      case 'retry':
        return this.#ask(word, values.map(taskName));
      case 'limit':
        world.limit(first, values.includes('removed', 1) ? null : limitSpec(options));
        return [];
      case 'hold':
        world.deliver();
        world.hold(first, options.key ?? null, Number(second) === 0 ? 0 : world.now + Number(second));
        return [];
      case 'why': {
        const reasons = world.planner.explain(taskName(first), world.now)?.reasons ?? [];
        return reasons.map(({ code, blocking, ...rest }) =>
          `${code}${blocking ? '' : ' (not blocking)'} ${told(rest)}`.trimEnd(),
        );
      }
      case 'takeover':
        world.takeOver();
        return [];
      case 'plan':
        world.deliver();
        return this.#plan();
      default:
        throw new Error(`a trace knows no '${word}'`);
    }
  }

  #open(id: string): number {
    return this.#world.assignments.get(id)?.open.size ?? 0;
  }

  #ends(id: string, outcome: string, tasks: string): RangeEnd[] {
    const [from = 0, to = from + 1] = tasks.split('-').map(Number);
    const open = tasks === '' ? [...(this.#world.assignments.get(id)?.open ?? [])] : range(from, to);
    return open.map((index) => ({ from: index, to: index + 1, outcome: outcome as RangeEnd['outcome'] }));
  }

  #ask(word: 'cancel' | 'retry', tasks: readonly { batch: string; index: number }[]): string[] {
    const world = this.#world;
    world.deliver();
    if (word === 'retry') {
      world.retry(tasks);
      return [];
    }
    return world.planner
      .cancel(tasks, world.now)
      .map(({ ok, state, message }) => `${ok ? 'ok' : 'refused'}: ${message ?? state}`);
  }

  #plan(): string[] {
    const world = this.#world;
    const commands = world.plan();
    const lines = commands.length === 0 ? ['nothing'] : said(commands);
    const dueAt = world.planner.nextDueAt();
    return dueAt === null ? lines : [...lines, `plans again in ${Math.max(0, dueAt - world.now)} ms`];
  }
}

function said(commands: readonly Command[]): string[] {
  const assigns = commands.filter(({ kind }) => kind === 'assign').length;
  if (assigns <= MOST_SHOWN) return commands.map(textOf);
  const workers = new Set(commands.flatMap((each) => (each.kind === 'assign' ? [each.assignment.worker] : [])));
  const others = commands.filter(({ kind }) => kind !== 'assign').map(textOf);
  return [`${assigns} assignments to ${workers.size} workers`, ...others];
}

function textOf(command: Command): string {
  switch (command.kind) {
    case 'copy':
    case 'assign': {
      const { id, worker, tasks, attempt } = command.assignment;
      return `assign ${id} to ${worker}: tasks ${ranges(tasks)}, attempt ${attempt}`;
    }
    case 'revoke':
      return `revoke ${command.assignment.id} (${command.reason}): ${ends(command.ends)}`;
    case 'notify': {
      const { assignment, recall, cancel, exceeded = [], superseded = [] } = command;
      const asked = [
        ...(recall ? ['hand back what has not begun'] : []),
        ...(cancel.length > 0 ? [`abort ${ranges(cancel)}`] : []),
        ...(exceeded.length > 0 ? [`abort ${ranges(exceeded)}, past the deadline`] : []),
        ...superseded.map(([index, winner]) => `abort ${index} for ${winner}`),
      ];
      return `notify ${assignment.worker} of ${assignment.id}: ${asked.join(', ')}`;
    }
    case 'record':
      return (
        `record of ${command.batch}: ${ends(command.ends)}, attempt ${command.attempt}` +
        (command.reason === undefined ? '' : ` (${command.reason})`)
      );
    case 'release-key':
      return `release key ${command.key} of ${command.batch}.${command.index}`;
    case 'finish': {
      const { batch, succeeded, failed, cancelled } = command;
      return `finish ${batch}: ${succeeded} succeeded, ${failed.length} failed, ${cancelled} cancelled`;
    }
    case 'move':
      return `move of ${command.batch}: ${ends(command.ends)}`;
    case 'tell-dead': {
      const { batch, onDead, dead } = command;
      const told = dead.map(({ index, outcome, attempts }) => `${index} ${outcome} in attempt ${attempts}`);
      return `start ${onDead.type} in ${onDead.queue ?? command.queue} for dead letters of ${batch}: ${told.join(', ')}`;
    }
    case 'purge':
      return `purge ${command.batch}: ${ranges(command.purged)}`;
    case 'reserve': {
      const { limit, shard, keys } = command;
      return `reserve ${limit} (part ${shard}): ${keys.length === 0 ? 'nothing' : keys.map(reservation).join(', ')}`;
    }
    case 'reopen':
    case 'remove':
      return `${command.kind} ${command.batch}`;
  }
}

const reservation = ({ key, tat, holdUntil }: Reservation): string =>
  `${key === '' ? 'all' : key} until ${tat - START}${holdUntil > 0 ? `, held until ${holdUntil - START}` : ''}`;
const ranges = (tasks: readonly Range[]): string =>
  tasks.map(([from, to]) => (to === from + 1 ? `${from}` : `${from} to ${to - 1}`)).join(', ');
const ends = (list: readonly RangeEnd[]): string =>
  list.length === 0
    ? 'no ends'
    : list
        .map(
          ({ from, to, outcome, winner, missing }) =>
            `${ranges([[from, to]])} ${outcome}${winner === undefined ? '' : ` by ${winner}`}` +
            (missing === undefined ? '' : `, ${missing} is not there`),
        )
        .join(', ');
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const pair = (part: string): [string, string] => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)];

function numbers(options: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => name !== 'strategy')
      .map(([name, value]) => [name, Number(value)]),
  );
}

function workerFact(
  draining: boolean,
  { capacity = '4', weight = '1', types = 't', concurrency }: Readonly<Record<string, string>>,
): Partial<WorkerFact> {
  const limits = concurrency?.split(',').map((part) => part.split(':'));
  return {
    ...(limits && { concurrency: Object.fromEntries(limits.map(([type = '', most]) => [type, Number(most)])) }),
    capacity: Number(capacity),
    weight: Number(weight),
    types: types.split(','),
    draining,
  };
}

function group(count: number, options: Readonly<Record<string, string>>): Partial<Group> {
  const {
    type = 't',
    attempts = '3',
    timeout,
    delay = '0',
    expires,
    deadline,
    key = null,
    tenant = '',
    priority = '0',
    limits,
    sequence,
    onfailure = 'continue',
  } = options;
  const ms = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const times = { timeoutMs: ms(timeout), delayMs: Number(delay), expiresMs: ms(expires), deadlineMs: ms(deadline) };
  const order = { tenant, priority: Number(priority) };
  const afterMode = options.mode === 'ended' ? ('ended' as const) : ('succeeded' as const);
  const others = { after: options.after?.split(',') ?? null, afterMode };
  const flow = {
    limits: limits === undefined ? null : limits.split(','),
    sequence: sequence === undefined ? null : { key: sequence, onFailure: onfailure as 'continue' | 'block' },
  };
  return {
    ...{ count, type, maxAttempts: Number(attempts), key, unique: uniqueOf(options) },
    ...{ ...times, ...order, ...others, ...flow },
  };
}

const ofFlow = (words: readonly string[]): { isStep: boolean; isDraft: boolean; isKept: boolean } => {
  const isStep = words.includes('step') || words.includes('draft');
  return { isStep, isDraft: words.includes('draft'), isKept: isStep };
};

function uniqueOf(options: Readonly<Record<string, string>>): UniquePolicy | null {
  const { unique: key, mode = 'last', every, trailing = 'true', quiet, max } = options;
  if (key === undefined) return null;
  const ms = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const times = { forMs: null, everyMs: ms(every), quietMs: ms(quiet), maxMs: ms(max) };
  return { key, mode: mode as UniquePolicy['mode'], trailing: trailing === 'true', ...times };
}

function queueSettings(paused: boolean, options: Readonly<Record<string, string>>): Partial<QueueSettings> {
  const { priority = '0', weight = '1', limit, tenants, fairness, tenantlimit, minshare = '0', ondead } = options;
  return {
    paused,
    priority: Number(priority),
    weight: Number(weight),
    maxRunning: limit === undefined ? null : Number(limit),
    tenants: weights(tenants),
    fairness: fairness === 'time' ? 'time' : 'tasks',
    maxRunningPerTenant: tenantlimit === undefined ? null : Number(tenantlimit),
    minShare: Number(minshare),
    onDead: ondead === undefined ? null : { type: ondead, queue: `${ondead}s` },
  };
}

function weights(text: string | undefined): Record<string, number> {
  const parts = (text?.split(',') ?? []).map((part) => part.split(':'));
  return Object.fromEntries(parts.map(([name = '', of]): [string, number] => [name, Number(of)]));
}

function spent({ ran, busy }: Readonly<Record<string, string>>, tasks: number) {
  if (ran === undefined) return undefined;
  const ranMs = Number(ran) * tasks;
  return { ranMs, heldMs: ranMs, ...(busy === undefined ? {} : { busyMs: Number(busy) * tasks }) };
}

function limitSpec({
  concurrency,
  rate,
  burst,
  per = 'all',
  queue,
  type,
  on,
}: Readonly<Record<string, string>>): LimitSpec {
  const [limit = 1, periodMs = 1_000] = rate?.split('/').map(Number) ?? [];
  const wide = { ...(queue !== undefined && { queue }), ...(type !== undefined && { type }) };
  return {
    concurrency: concurrency === undefined ? null : Number(concurrency),
    rate: rate === undefined ? null : { limit, periodMs, burst: Number(burst ?? Math.max(1, Math.floor(limit / 10))) },
    on: on === 'all' || Object.keys(wide).length > 0 ? wide : null,
    per: per as LimitSpec['per'],
  };
}

/** Times are told from the beginning of the trace. */
const told = (fields: object): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${name === 'until' ? Number(value) - START : String(value)}`)
    .join(' ');

function taskName(text: string): { batch: string; index: number } {
  const [batch = '', index = '0'] = text.split('.');
  return { batch, index: Number(index) };
}
