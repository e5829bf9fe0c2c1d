import { DEFINITION_KINDS, RecordError, type Amounts, type DefinitionKind, type Specs } from '@drover/core';
import type { Planner } from '@drover/planner';
import { decodeRecord, definitionPath, definitionsPath, specOf } from '@drover/protocol';
import { messageOf } from '@drover/runtime';
import { readable, readMany } from '../facts/readable.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { CLOSED, type Known, type Uses } from './definitions.decide.js';

/**
 * The accounts, pools and floating resources of one term. They are read at the takeover, before anything is planned, and
 * after that only this leader writes them: what is in memory is what is in ZooKeeper, because memory follows each write. The
 * planner goes by what is durable: between the request and the write it plans by the definition of before, and so would the
 * next leader.
 */
export class Definitions {
  readonly #context: TermContext;
  readonly #known: { readonly [Kind in DefinitionKind]: Map<string, Known<Kind>> } = {
    account: new Map(),
    pool: new Map(),
    resource: new Map(),
  };

  readonly planner: Planner;

  constructor(context: TermContext) {
    this.#context = context;
    this.planner = context.planner;
  }

  /** Before anything is planned. */
  async load(): Promise<void> {
    await Promise.all(DEFINITION_KINDS.map((kind) => this.#loadKind(kind)));
  }

  get<Kind extends DefinitionKind>(kind: Kind, name: string): Known<Kind> | undefined {
    return this.#known[kind].get(name);
  }

  all<Kind extends DefinitionKind>(kind: Kind): ReadonlyMap<string, Known<Kind>> {
    return this.#known[kind];
  }

  /** A change was written. */
  changed<Kind extends DefinitionKind>(known: Known<Kind>): void {
    this.#put(known);
    this.#context.replan();
  }

  /** It was removed. */
  removed(kind: DefinitionKind, name: string): void {
    this.#known[kind].delete(name);
    this.#tell(kind, name, null);
    this.#context.replan();
  }

  uses(): Uses {
    const { planner } = this;
    const guarantees = [...this.#known.account.values()].map(({ name, spec }): [string, Amounts] => [
      name,
      spec.guarantee,
    ]);
    return {
      pools: planner.poolUses(),
      floating: planner.floatingUses(),
      accounts: planner.accountUses(),
      guarantees: new Map(guarantees),
    };
  }

  async #loadKind<Kind extends DefinitionKind>(kind: Kind): Promise<void> {
    const root = definitionsPath(kind);
    const names = (await readable(this.#context, root, this.#context.zk.children(root))) ?? [];
    const sorted = [...names].sort();
    const znodes = await readMany(
      this.#context,
      sorted.map((name) => definitionPath(kind, name)),
    );
    for (const [at, name] of sorted.entries()) {
      const znode = znodes[at] ?? null;
      if (znode === null || !this.#context.active()) continue;
      this.#put(this.#decoded(kind, name, znode === 'denied' ? null : znode.data));
    }
  }

  #decoded<Kind extends DefinitionKind>(kind: Kind, name: string, data: Uint8Array | null): Known<Kind> {
    const path = definitionPath(kind, name);
    try {
      if (data === null) throw new Error('it cannot be read');
      const record = decodeRecord(kind, path, data);
      const { revision, changedBy } = record;
      return { kind, name, revision, spec: specOf(kind, record as never), changedBy, unreadable: null };
    } catch (error) {
      reportInvalid(this.#context, path, error);
      const unreadable = { isNewer: error instanceof RecordError && error.isNewer, message: messageOf(error) };
      return { kind, name, revision: 0, spec: CLOSED[kind], changedBy: { at: 0 }, unreadable };
    }
  }

  #put<Kind extends DefinitionKind>(known: Known<Kind>): void {
    this.#known[known.kind].set(known.name, known);
    this.#tell(known.kind, known.name, known.spec);
  }

  #tell<Kind extends DefinitionKind>(kind: Kind, name: string, spec: Specs[Kind] | null): void {
    const { planner } = this;
    if (kind === 'resource') planner.resource(name, (spec as Specs['resource'] | null)?.total ?? null);
    else if (kind === 'pool') planner.pool(name, spec as Specs['pool'] | null);
    else planner.account(name, spec as Specs['account'] | null);
  }
}
