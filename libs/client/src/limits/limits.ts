import {
  checkOptions,
  InvalidArgumentError,
  nearest,
  parseLimit,
  parseLimitRef,
  parseName,
  parseWithinYear,
  UnknownLimitError,
  type Duration,
  type LimitOptions,
  type LimitSpec,
} from '@drover/core';
import { LIMITED, type CommandAnswer, type CommandRequest, type LimitUseRecord } from '@drover/protocol';
import type { Log } from '@drover/observability';
import type { ZooKeeper } from '@drover/zookeeper';
import { command, type CommandContext } from '../admin/command.js';
import { CommandRefusedError, RevisionConflictError } from '../errors.js';
import type { AskOptions } from '../options.js';
import type { LimitReply, Limits, LimitSummary, LimitView } from './api.js';
import { limitNames, readLimits, readLimit } from './read-limits.js';

/** The answer has some keys of each. */
const NAMES_PER_COMMAND = 100;

export interface LimitsHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
  log: Log;
}

/** `drover.limits`: what is given is checked here, then the leader is asked. */
export class LimitClient implements Limits {
  readonly #home: LimitsHome;

  constructor(home: LimitsHome) {
    this.#home = home;
  }

  async set(
    name: string,
    given: LimitOptions,
    options: AskOptions & { ifRevision?: number } = {},
  ): Promise<LimitReply> {
    checkOptions(options, ['by', 'reason', 'ifRevision']);
    const { ifRevision, ...asked } = options;
    const spec = recordOf(parseLimit('', given));
    const request = { kind: 'set-limit' as const, name: parseName('name', name), spec, ...expected(ifRevision) };
    const { change, revision = 0 } = await this.#change(request, name, asked);
    return { name, change: change as LimitReply['change'], revision };
  }

  async get(name: string): Promise<LimitView> {
    parseName('name', name);
    const summary = await this.#read(name);
    if (summary === null) throw await this.#unknown(name);
    const [use] = await this.#uses([name]);
    return viewOf(summary, use);
  }

  list(): Promise<LimitSummary[]> {
    return this.#home.read((zk) => readLimits(zk, this.#home.log));
  }

  async usage(): Promise<LimitView[]> {
    const summaries = await this.list();
    const uses = new Map((await this.#uses(summaries.map(({ name }) => name))).map((use) => [use.name, use]));
    return summaries.map((summary) => viewOf(summary, uses.get(summary.name)));
  }

  async remove(name: string, options: AskOptions & { ifRevision?: number; force?: boolean } = {}): Promise<void> {
    checkOptions(options, ['by', 'reason', 'ifRevision', 'force']);
    const { ifRevision, force = false, ...asked } = options;
    const request = { kind: 'remove-limit' as const, name: parseName('name', name), force, ...expected(ifRevision) };
    await this.#change(request, name, asked);
  }

  async hold(limit: string, duration: Duration, asked: AskOptions = {}): Promise<void> {
    const { name, key } = parseLimitRef('limit', limit);
    const ms = parseWithinYear('duration', duration);
    if (key !== null) await this.#checkKeyed(name, limit);
    await this.#change({ kind: 'hold-limit', limit, ms }, name, asked);
  }

  async #checkKeyed(name: string, limit: string): Promise<void> {
    const known = await this.#read(name);
    if (known?.spec.per === 'all')
      throw new InvalidArgumentError(
        'limit',
        limit,
        `'${name}' without a key: that limit counts all its tasks together`,
      );
  }

  #read(name: string): Promise<LimitSummary | null> {
    return this.#home.read((zk) => readLimit(zk, name, this.#home.log));
  }

  async #uses(names: readonly string[]): Promise<LimitUseRecord[]> {
    const uses: LimitUseRecord[] = [];
    for (let from = 0; from < names.length; from += NAMES_PER_COMMAND) {
      const some = names.slice(from, from + NAMES_PER_COMMAND);
      uses.push(...((await this.#ask({ kind: 'show-limits', names: some }, {})).limits ?? []));
    }
    return uses;
  }

  /** Throws where it was refused. */
  async #change(
    request: CommandRequest,
    name: string,
    asked: AskOptions,
  ): Promise<NonNullable<CommandAnswer['limit']>> {
    const { limit } = await this.#ask(request, asked);
    if (limit?.ok === true) return limit;
    const { code, message = 'the leader did not say what became of it', revision = 0 } = limit ?? {};
    switch (code) {
      case 'unknown':
        throw await this.#unknown(name);
      case 'revision':
        throw new RevisionConflictError(name, revision, 'limit');
      default:
        throw new CommandRefusedError(`limit '${name}': ${message}`);
    }
  }

  async #unknown(name: string): Promise<UnknownLimitError> {
    return new UnknownLimitError(name, nearest(name, await this.#home.read(limitNames)));
  }

  #ask(request: CommandRequest, asked: AskOptions): Promise<CommandAnswer> {
    return command(request, this.#home.commands(asked), [LIMITED]);
  }
}

const recordOf = ({ rate, on, ...spec }: LimitSpec) => ({
  ...spec,
  rate: rate === null ? null : { ...rate },
  on: on === null ? null : { ...on },
});

function expected(ifRevision: number | undefined): { ifRevision?: number } {
  if (ifRevision === undefined) return {};
  if (Number.isInteger(ifRevision) && ifRevision >= 0) return { ifRevision };
  throw new InvalidArgumentError('ifRevision', ifRevision, 'the number of a revision, or 0 for none');
}

/** A leader that does not name it has seen it go, or not come yet. */
function viewOf(summary: LimitSummary, use?: LimitUseRecord): LimitView {
  const { out = 0, waiting = 0, waitingKeys = 0, heldUntil = null, keys = [], keysLeftOut = 0 } = use ?? {};
  return {
    ...{ ...summary, out, waiting, waitingKeys, heldUntil, keysLeftOut },
    keys: keys.map(({ key, out, waiting, nextAt, heldUntil }) => ({ key, out, waiting, nextAt, heldUntil })),
  };
}
