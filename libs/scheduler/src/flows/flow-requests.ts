import { parseTaskId } from '@drover/core';
import type { Asker, RunName } from '@drover/flow';
import type { CommandAnswer, CommandRecord, CommandRequest, RunReplyRecord } from '@drover/protocol';
import type { Asked } from '../commands/operations.js';
import type { TermContext } from '../term/term-context.js';
import type { Flows } from './flows.js';
import { RunKeys } from './run-keys.js';

const KINDS = ['flow-signal', 'flow-cancel', 'flow-retry', 'flow-close', 'flow-get', 'flow-list'] as const;
type FlowRequest = Extract<CommandRequest, { kind: (typeof KINDS)[number] }>;
type RequestOf<Kind extends FlowRequest['kind']> = Extract<FlowRequest, { kind: Kind }>;

export const isFlowRequest = (request: CommandRequest): request is FlowRequest =>
  (KINDS as readonly string[]).includes(request.kind);

/**
 * Requests about runs. The book decides, in one order with ends and time limits; an answer is given when what it decided is
 * durable. Each may be carried out twice: a repeat finds what the first one did.
 */
export class FlowRequests {
  readonly #context: TermContext;
  readonly #flows: Flows;
  readonly #keys: RunKeys;
  readonly #plan: (asked?: Asked) => void;

  constructor(context: TermContext, flows: Flows, plan: (asked?: Asked) => void) {
    this.#context = context;
    this.#flows = flows;
    this.#keys = new RunKeys(context, flows.known);
    this.#plan = plan;
  }

  /**
   * Decides now; the answer comes when all of it is durable. `isRepeated`: it may have been carried out before, and is answered
   * as it was.
   */
  async act(
    request: FlowRequest,
    { by, reason }: CommandRecord,
    isRepeated: boolean,
  ): Promise<() => Promise<CommandAnswer>> {
    await this.#readNew(request);
    if (request.kind === 'flow-get' || request.kind === 'flow-list') {
      const answer = request.kind === 'flow-get' ? this.#get(request) : this.#list(request);
      return () => Promise.resolve(answer);
    }
    const asker: Asker = { ...(by !== undefined && { by }), ...(reason !== undefined && { reason }) };
    this.#flows.use();
    // Ends and times that have come count before what is asked now.
    this.#plan();
    const replies = await this.#runs(request, asker);
    const runs = isRepeated ? replies.map((reply) => (wasDone(request, reply) ? doneBefore(reply) : reply)) : replies;
    if (this.#context.active()) this.#plan();
    return () => this.#durable(runs);
  }

  /**
   * A run that was started before the request was made is known to it: events come in the order of the transactions, so its flow is
   * being read by now.
   */
  async #readNew(request: FlowRequest): Promise<void> {
    const runs = request.kind === 'flow-list' ? null : namedIn(request);
    const isNew = (name: RunName | null): boolean => name !== null && !this.#flows.book.knows(name);
    if (runs === null || runs.map(runOf).some(isNew)) await this.#flows.caughtUp();
  }

  async #durable(runs: readonly RunReplyRecord[]): Promise<CommandAnswer> {
    const flows = new Set(runs.flatMap(({ run }) => runOf(run)?.flow ?? []));
    await this.#flows.settled(flows);
    if (await this.#context.writer.durable()) await this.#flows.settled(flows);
    return { ok: runs.every(({ ok }) => ok), runs: [...runs] };
  }

  async #runs(
    request: Exclude<FlowRequest, { kind: 'flow-get' | 'flow-list' }>,
    asker: Asker,
  ): Promise<RunReplyRecord[]> {
    const { book } = this.#flows;
    const now = this.#context.clock.now();
    switch (request.kind) {
      case 'flow-signal': {
        const { run, step, answer, payload = null } = request;
        const given = { ...asker, payload, ...(answer !== undefined && { answer }) };
        return this.#each([run], (name) => book.signal(name, step, given, now));
      }
      case 'flow-cancel': {
        const { runs, force = false } = request;
        return this.#all(runs, (names) => book.cancel(names, { ...asker, force }, now));
      }
      case 'flow-retry':
        return this.#retry(request, asker, now);
      case 'flow-close':
        return this.#each([request.run], (name) => book.close(name, now));
    }
  }

  async #retry({ runs, from }: RequestOf<'flow-retry'>, asker: Asker, now: number): Promise<RunReplyRecord[]> {
    const given = { ...asker, ...(from !== undefined && { from }) };
    const replies: RunReplyRecord[] = [];
    for (const run of runs) {
      const name = runOf(run);
      const held = name === null ? null : await this.#keys.take(name);
      if (held?.by !== undefined) {
        replies.push({ run, ok: false, code: 'key', message: `run ${held.by} has its key and has not ended` });
        continue;
      }
      if (name !== null && !(await this.#flows.prepareRetry(name.flow))) {
        await held?.giveBack();
        replies.push({ run, ...UNREADABLE });
        continue;
      }
      const [reply] = this.#all([run], (names) => this.#flows.book.retry(names, given, now));
      if (reply?.ok === false) {
        if (name !== null) this.#flows.notRetried(name.flow);
        await held?.giveBack();
      }
      if (reply !== undefined) replies.push(reply);
    }
    return replies;
  }

  #each(runs: readonly string[], ask: (name: RunName) => Reply): RunReplyRecord[] {
    return this.#all(runs, (names) => names.map(ask));
  }

  /** Of what is no name of a run the book is not asked. */
  #all(runs: readonly string[], ask: (names: readonly RunName[]) => readonly Reply[]): RunReplyRecord[] {
    const names = runs.map(runOf);
    const replies = [...ask(names.filter((name) => name !== null))];
    return runs.map((run, at) => {
      const name = names[at] ?? null;
      const reply = name === null ? NO_RUN : (replies.shift() ?? NO_RUN);
      const state = name === null ? undefined : this.#flows.book.view(name)?.state;
      const stands = state === undefined ? {} : { state };
      return reply.ok ? { run, ok: true, ...stands } : { run, ...reply, ...stands };
    });
  }

  #list({ flow, states, queues, limit, cursor }: RequestOf<'flow-list'>): CommandAnswer {
    this.#flows.use();
    const page = this.#flows.book.list({
      ...(flow !== undefined && { flow }),
      ...(states !== undefined && { states }),
      ...(queues !== undefined && { queues }),
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
    });
    return { ok: true, page: { ...page, runs: page.runs.map((run) => ({ ...run })) } };
  }

  #get({ run }: RequestOf<'flow-get'>): CommandAnswer {
    const name = runOf(run);
    this.#flows.use();
    const view = name === null ? null : this.#flows.book.view(name);
    if (view === null) return { ok: false, message: NO_RUN.message };
    const { steps, output, ...rest } = view;
    return { ok: true, run: { ...rest, steps: recordsOf(steps), output: [...output] } };
  }
}

/** The refusal follows from what the request has done when it was carried out before. */
function wasDone({ kind }: FlowRequest, { ok, code, state }: RunReplyRecord): boolean {
  if (ok) return false;
  if (kind === 'flow-cancel') return code === 'ended' && state === 'cancelled';
  return kind === 'flow-retry' && code === 'not-ended';
}

const doneBefore = ({ run, state }: RunReplyRecord): RunReplyRecord => ({
  run,
  ok: true,
  ...(state !== undefined && { state }),
});

type Reply = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };
type Shown = NonNullable<CommandAnswer['run']>['steps'];

const recordsOf = (steps: object): Shown => structuredClone(steps) as Shown;

const NO_RUN = {
  ok: false,
  code: 'unknown-run',
  message: 'the leader knows no such run: it was started just now, or is gone',
} as const;

const UNREADABLE = {
  ok: false,
  code: 'unreadable',
  message: 'its flow cannot be read, so it cannot be opened again: try again, and see the log of the leader',
} as const;

const namedIn = (request: Exclude<FlowRequest, { kind: 'flow-list' }>): readonly string[] =>
  request.kind === 'flow-cancel' || request.kind === 'flow-retry' ? request.runs : [request.run];

/** Null: the text is no id of a run. */
function runOf(text: string): RunName | null {
  const id = parseTaskId(text);
  return id?.cell === '' ? { flow: id.batch, run: id.index } : null;
}
