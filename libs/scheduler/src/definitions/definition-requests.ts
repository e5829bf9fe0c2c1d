import { definitionOf, InvalidArgumentError, POOL_POLICIES, type DefinitionKind, type Specs } from '@drover/core';
import { definitionPath, type CommandAnswer, type CommandRecord, type CommandRequest } from '@drover/protocol';
import type { Operation } from '@drover/zookeeper';
import { changeOf, NOT_WRITTEN } from '../requests/requests.decide.js';
import type { TermContext } from '../term/term-context.js';
import { accountPage, capacityOf } from './capacity-answer.js';
import { changedKnown, MOST, warningsOf, whyInUse, writeOperation, type Known } from './definitions.decide.js';
import type { Definitions } from './definitions.js';

type SetRequest = Extract<CommandRequest, { kind: `set-${DefinitionKind}` }>;
type RemoveRequest = Extract<CommandRequest, { kind: `remove-${DefinitionKind}` }>;
type ShowRequest = Extract<CommandRequest, { kind: 'show-capacity' | 'show-accounts' }>;
export type DefinitionRequest = SetRequest | RemoveRequest | ShowRequest;
type Asking = Pick<CommandRecord, 'by' | 'reason'>;
type Reply = NonNullable<CommandAnswer['definition']>;

const KINDS: ReadonlySet<string> = new Set<DefinitionRequest['kind']>([
  ...(['set-account', 'set-pool', 'set-resource'] as const),
  ...(['remove-account', 'remove-pool', 'remove-resource'] as const),
  ...(['show-capacity', 'show-accounts'] as const),
]);
export const isDefinitionRequest = (request: CommandRequest): request is DefinitionRequest => KINDS.has(request.kind);

/** Requests about accounts, pools and floating resources, answered when their effect is durable. */
export class DefinitionRequests {
  readonly #context: TermContext;
  readonly #definitions: Definitions;

  constructor(context: TermContext, definitions: Definitions) {
    this.#context = context;
    this.#definitions = definitions;
  }

  /** `isRepeated`: it may have been carried out before, and its answer was lost. */
  async act(request: DefinitionRequest, asking: Asking, isRepeated = false): Promise<CommandAnswer> {
    switch (request.kind) {
      case 'set-account':
        return { ok: true, definition: await this.#set('account', request, asking) };
      case 'set-pool':
        return { ok: true, definition: await this.#set('pool', request, asking) };
      case 'set-resource':
        return { ok: true, definition: await this.#set('resource', request, asking) };
      case 'remove-account':
        return { ok: true, definition: await this.#remove('account', request, isRepeated) };
      case 'remove-pool':
        return { ok: true, definition: await this.#remove('pool', request, isRepeated) };
      case 'remove-resource':
        return { ok: true, definition: await this.#remove('resource', request, isRepeated) };
      case 'show-capacity':
        return { ok: true, capacity: capacityOf(this.#definitions, request.pool, this.#context.clock.now()) };
      case 'show-accounts':
        return { ok: true, accounts: accountPage(this.#definitions, request.after) };
    }
  }

  async #set<Kind extends DefinitionKind>(
    kind: Kind,
    { name, change, replace, ifRevision }: SetRequest,
    asking: Asking,
  ): Promise<Reply> {
    const given = knownFields(kind, change);
    const before = this.#definitions.get(kind, name);
    const refused = this.#problem(kind, name, given, before);
    if (refused !== null) return refused;
    const asked = changeOf(asking, this.#context.clock.now());
    const changed = changedKnown(before, { kind, name, change: given, replace: replace === true, ifRevision }, asked);
    const revision = before?.revision ?? 0;
    switch (changed.change) {
      case 'invalid':
        return { name, ok: false, code: 'invalid', field: changed.field, message: changed.message };
      case 'conflict':
        return { name, ok: false, code: 'revision', revision };
      case 'unchanged':
        return { name, ok: true, change: 'unchanged', revision, ...this.#warned(before) };
      case 'created':
      case 'changed': {
        const { known } = changed;
        if (!(await this.#write(writeOperation(known, before !== undefined))))
          return { name, ok: false, message: NOT_WRITTEN };
        this.#definitions.changed(known);
        return { name, ok: true, change: changed.change, revision: known.revision, ...this.#warned(known) };
      }
    }
  }

  /** Why it is not set; null: it may be. */
  #problem<Kind extends DefinitionKind>(
    kind: Kind,
    name: string,
    given: Partial<Specs[Kind]>,
    before: Known<Kind> | undefined,
  ): Reply | null {
    const refused = (field: string, message: string): Reply => ({ name, ok: false, code: 'invalid', field, message });
    try {
      definitionOf(kind).parseName('name', name);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      return refused('name', error.message);
    }
    if (before?.unreadable?.isNewer === true) return { name, ok: false, message: before.unreadable.message };
    if (before === undefined && this.#definitions.all(kind).size >= MOST[kind])
      return { name, ok: false, message: `there are ${MOST[kind]} ${kind}s already, which is the most` };
    if (kind === 'resource' && this.#isOfWorkers(name))
      return refused('name', `name: workers have ${name} themselves, so it cannot be a resource of the whole system`);
    const { policy } = given as Partial<Specs['pool']>;
    if (kind === 'pool' && policy !== undefined && !POOL_POLICIES.includes(policy))
      return refused('policy', `policy: expected one of ${POOL_POLICIES.join(', ')}, got '${policy}'`);
    return null;
  }

  #isOfWorkers(name: string): boolean {
    return this.#definitions.planner.poolUses().some(({ resources }) => (resources[name]?.capacity ?? 0) > 0);
  }

  #warned(known: Known | undefined): { warnings?: string[] } {
    const warnings = known === undefined ? [] : warningsOf(known, this.#definitions.uses());
    return warnings.length === 0 ? {} : { warnings };
  }

  async #remove(kind: DefinitionKind, { name, ifRevision, force }: RemoveRequest, isRepeated: boolean): Promise<Reply> {
    const known = this.#definitions.get(kind, name);
    if (known === undefined && isRepeated) return { name, ok: true, change: 'removed' };
    if (known?.unreadable?.isNewer === true) return { name, ok: false, message: known.unreadable.message };
    const revision = known?.revision ?? 0;
    if (ifRevision !== undefined && ifRevision !== revision) return { name, ok: false, code: 'revision', revision };
    if (known === undefined) return { name, ok: false, code: 'unknown' };
    const inUse = force === true ? null : whyInUse(known, this.#definitions.uses());
    if (inUse !== null) return { name, ok: false, message: `it is in use, ${inUse}; it is removed only with force` };
    if (!(await this.#write({ op: 'delete', path: definitionPath(kind, name) })))
      return { name, ok: false, message: NOT_WRITTEN };
    this.#definitions.removed(kind, name);
    return { name, ok: true, change: 'removed' };
  }

  async #write(operation: Operation): Promise<boolean> {
    const answer = await this.#context.writer.attempt([operation], { urgent: true });
    if (answer?.applied === false) this.#context.refused(answer);
    return answer?.applied === true;
  }
}

/** Without fields that a client of a later release sends, and without those that it does not name. */
function knownFields<Kind extends DefinitionKind>(kind: Kind, change: object): Partial<Specs[Kind]> {
  const names = Object.keys(definitionOf(kind).standard);
  return Object.fromEntries(
    Object.entries(change).filter(([name, value]) => names.includes(name) && value !== undefined),
  ) as Partial<Specs[Kind]>;
}
