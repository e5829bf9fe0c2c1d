import {
  checkOptions,
  definitionOf,
  InvalidArgumentError,
  nearest,
  PLACEMENT,
  shownAmount,
  shownAmounts,
  type DefinitionKind,
  type DefinitionOptions,
  type DefinitionViews,
} from '@drover/core';
import type { Log } from '@drover/observability';
import type { CommandAnswer, CommandRequest } from '@drover/protocol';
import type { ZooKeeper } from '@drover/zookeeper';
import { command, type CommandContext } from '../admin/command.js';
import { CommandRefusedError, RevisionConflictError, UnknownDefinitionError } from '../errors.js';
import type { AskOptions } from '../options.js';
import type {
  Accounts,
  AccountUse,
  Capacity,
  Defined,
  DefinitionReply,
  Definitions,
  ScaleAdvice,
  SetOptions,
} from './api.js';
import { definitionNames, readDefinition, readDefinitions } from './read-definitions.js';

export interface DefinitionsHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
  log: Log;
}

/** `drover.pools` and the like: what is given is checked here, then the leader is asked. */
export class DefinitionClient<Kind extends DefinitionKind> implements Definitions<
  DefinitionOptions[Kind],
  DefinitionViews[Kind]
> {
  readonly #kind: Kind;
  protected readonly home: DefinitionsHome;

  constructor(kind: Kind, home: DefinitionsHome) {
    this.#kind = kind;
    this.home = home;
  }

  async set(name: string, given: DefinitionOptions[Kind], options: SetOptions = {}): Promise<DefinitionReply> {
    checkOptions(options, ['by', 'reason', 'ifRevision', 'replace']);
    const { ifRevision, replace = false, ...asked } = options;
    const { parse, parseName } = definitionOf(this.#kind);
    const request = {
      kind: `set-${this.#kind}` as const,
      name: parseName('name', name),
      change: parse('', given),
      ...(replace ? { replace: true } : {}),
      ...expected(ifRevision),
    };
    const { change, revision = 0, warnings = [] } = await this.#change(request as CommandRequest, name, asked);
    return { name, change: change as DefinitionReply['change'], revision, warnings };
  }

  async get(name: string): Promise<Defined<DefinitionViews[Kind]>> {
    definitionOf(this.#kind).parseName('name', name);
    const found = await this.home.read((zk) => readDefinition(zk, this.#kind, name, this.home.log));
    if (found === null) throw await this.#unknown(name);
    return found;
  }

  list(): Promise<Defined<DefinitionViews[Kind]>[]> {
    return this.home.read((zk) => readDefinitions(zk, this.#kind, this.home.log));
  }

  async remove(name: string, options: AskOptions & { ifRevision?: number; force?: boolean } = {}): Promise<void> {
    checkOptions(options, ['by', 'reason', 'ifRevision', 'force']);
    const { ifRevision, force = false, ...asked } = options;
    definitionOf(this.#kind).parseName('name', name);
    const request = { kind: `remove-${this.#kind}` as const, name, force, ...expected(ifRevision) };
    await this.#change(request as CommandRequest, name, asked);
  }

  /** Throws where it was refused. */
  async #change(
    request: CommandRequest,
    name: string,
    asked: AskOptions,
  ): Promise<NonNullable<CommandAnswer['definition']>> {
    const { definition } = await ask(this.home, request, asked);
    if (definition?.ok === true) return definition;
    const {
      code,
      field = 'name',
      message = 'the leader did not say what became of it',
      revision = 0,
    } = definition ?? {};
    switch (code) {
      case 'unknown':
        throw await this.#unknown(name);
      case 'revision':
        throw new RevisionConflictError(name, revision, this.#kind);
      case 'invalid':
        throw new InvalidArgumentError(field, message);
      default:
        throw new CommandRefusedError(`${this.#kind} '${name}': ${message}`);
    }
  }

  async #unknown(name: string): Promise<UnknownDefinitionError> {
    const names = await this.home.read((zk) => definitionNames(zk, this.#kind));
    return new UnknownDefinitionError(this.#kind, name, nearest(name, names));
  }
}

/** `drover.accounts`. */
export class AccountClient extends DefinitionClient<'account'> implements Accounts {
  constructor(home: DefinitionsHome) {
    super('account', home);
  }

  async usage(): Promise<AccountUse[]> {
    const uses: AccountUse[] = [];
    let after: string | null = null;
    do {
      const request: CommandRequest = { kind: 'show-accounts', ...(after === null ? {} : { after }) };
      const { accounts, next }: NonNullable<CommandAnswer['accounts']> = (await ask(this.home, request, {}))
        .accounts ?? { accounts: [], next: null };
      for (const { account, weight, share, held, guarantee, limit, pending } of accounts)
        uses.push({
          ...{ account, weight, share, pending },
          ...{ held: shownAmounts(held), guarantee: shownAmounts(guarantee), limit: shownAmounts(limit) },
        });
      after = next;
    } while (after !== null);
    return uses;
  }
}

/** Asks the leader for its advice, or tells it what comes. */
export async function askScale(
  home: DefinitionsHome,
  request: Extract<CommandRequest, { kind: 'show-scale' | 'scale-coming' }>,
  asked: AskOptions = {},
): Promise<ScaleAdvice> {
  const { ok, message, scale } = await ask(home, request, asked);
  if (!ok || scale === undefined)
    throw new CommandRefusedError(message ?? `the leader has no advice for pool ${request.pool}`);
  const { pool, wanted, have, coming, remove, why, at } = scale;
  return { pool, wanted, have, coming, remove, why, at };
}

/** Asks the leader for the resources of each pool. */
export async function askCapacity(home: DefinitionsHome, pool: string | undefined): Promise<Capacity> {
  const request: CommandRequest = { kind: 'show-capacity', ...(pool === undefined ? {} : { pool }) };
  const { capacity } = await ask(home, request, {});
  if (capacity === undefined) throw new CommandRefusedError('the leader did not say what there is of resources');
  const { poolsLeftOut, classesLeftOut, parkedClasses, unplaceableTasks, asOf } = capacity;
  return {
    pools: capacity.pools.map(({ pool, workers, resources }) => ({
      ...{ pool, workers },
      resources: Object.fromEntries(
        Object.entries(resources).map(([name, { capacity, claimed, used }]) => {
          const free = Math.max(0, capacity - claimed);
          const shown = (amount: number): number | string => shownAmount(name, amount);
          return [name, { capacity: shown(capacity), claimed: shown(claimed), used: shown(used), free: shown(free) }];
        }),
      ),
    })),
    floating: capacity.floating.map(({ resource, total, claimed }) => ({
      ...{ resource, total: total / 1_000, claimed: claimed / 1_000, free: Math.max(0, total - claimed) / 1_000 },
    })),
    classes: capacity.classes.map(
      ({ queue, type, account, pool, pending, since, state, reason, resources, where, workers }) => ({
        ...{ queue, type, account, pool, pending, since, state, reason, where },
        resources: resources === null ? null : shownAmounts(resources),
        workers: { total: workers.total, feasible: workers.feasible, filtered: workers.filtered },
      }),
    ),
    ...{ poolsLeftOut, classesLeftOut, parkedClasses, unplaceableTasks, asOf },
  };
}

const ask = (home: DefinitionsHome, request: CommandRequest, asked: AskOptions): Promise<CommandAnswer> =>
  command(request, home.commands(asked), [PLACEMENT]);

function expected(ifRevision: number | undefined): { ifRevision?: number } {
  if (ifRevision === undefined) return {};
  if (Number.isInteger(ifRevision) && ifRevision >= 0) return { ifRevision };
  throw new InvalidArgumentError('ifRevision', ifRevision, 'the number of a revision, or 0 for none');
}
