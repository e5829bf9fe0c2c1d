import type { BatchId } from '@drover/core';
import type { FlowBook } from '@drover/flow';
import { BUCKETS, flowPath, LAYOUT, parseFlowsPath, planPath, ROOTS, type FlowHeader } from '@drover/protocol';
import { pipelined } from '@drover/coordination';
import type { WatchEvent, WatchHandle, Znode } from '@drover/zookeeper';
import { readable, readMany } from '../facts/readable.js';
import { isProbe } from '../term/room.js';
import { reportInvalid, type TermContext } from '../term/term-context.js';
import { readFlow } from './flow-facts.js';
import type { KnownFlows } from './known-flows.js';

/** Flows, or plans, that one request reads: of 500 small inputs each, or of 64 KiB at most. */
const PORTION = 16;
/** Requests under way at a time. */
const WINDOW = 4;

const FIXED: ReadonlySet<string> = new Set(LAYOUT);

/**
 * Passes `/flows` and `/plans` to the book. Flows are read once each, with their notes; a plan is read when a flow names it.
 * Everything below a flow is written by leaders alone, so later events of notes are echoes of this leader's own writes.
 */
export class FlowsWatcher {
  readonly #context: TermContext;
  readonly #book: FlowBook;
  readonly #flows: KnownFlows;
  /** Events that came while the flows were read; `null`: live. */
  #aside: WatchEvent[] | null = [];
  readonly #reading = new Set<Promise<void>>();
  readonly #plans = new Set<string>();

  readonly #gone: (flow: BatchId, header: FlowHeader) => void;

  /** `gone`: somebody has removed the flow by hand. */
  constructor(
    context: TermContext,
    book: FlowBook,
    flows: KnownFlows,
    gone: (flow: BatchId, header: FlowHeader) => void,
  ) {
    this.#gone = gone;
    this.#context = context;
    this.#book = book;
    this.#flows = flows;
  }

  /** Reads all that there is. The watch comes first, so that nothing is missed. False: there is nothing. */
  async load(own: (watch: WatchHandle) => void): Promise<boolean> {
    const { zk } = this.#context;
    own(
      await zk.watch(ROOTS.flows, 'recursive', {
        event: (event) => this.#event(event),
        reset: () => this.#context.fail('the connection was interrupted'),
      }),
    );
    const plans = (await readable(this.#context, ROOTS.plans, zk.children(ROOTS.plans))) ?? [];
    await this.#inPortions(plans, async (some) => this.readPlans(some));
    await pipelined(BUCKETS, WINDOW, async (bucket) => {
      const path = `${ROOTS.flows}/${bucket}`;
      const names = (await readable(this.#context, path, zk.children(path))) ?? [];
      const flows = names.filter((name) => parseFlowsPath(`${path}/${name}`) !== null);
      if (flows.length < names.length) this.#reportOthers(path, names, flows);
      await this.#inPortions(flows, (some) => this.#readFlows(some));
    });
    const aside = this.#aside ?? [];
    this.#aside = null;
    for (const event of aside) this.#event(event);
    return plans.length > 0 || this.#flows.size > 0;
  }

  /** Resolves when the reads that are under way now have been told. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#reading);
  }

  /** Reads plans that flows name and the book does not know. */
  readMissingPlans(): void {
    const missing = this.#book.missingPlans().filter((plan) => !this.#plans.has(plan));
    if (missing.length === 0) return;
    for (const plan of missing) this.#plans.add(plan);
    this.#track(this.readPlans(missing));
  }

  async readPlans(plans: readonly string[]): Promise<void> {
    const znodes = await readMany(this.#context, plans.map(planPath));
    if (!this.#context.active()) return;
    plans.forEach((plan, at) => {
      const znode = znodes[at] ?? null;
      this.#plans.delete(plan);
      const text = znode === null || znode === 'denied' ? null : textOf(znode);
      this.#book.plan(plan, text, this.#context.clock.now());
    });
    this.#context.replan();
  }

  async #inPortions(names: readonly string[], read: (some: readonly string[]) => Promise<void>): Promise<void> {
    for (let from = 0; from < names.length && this.#context.active(); from += PORTION)
      await read(names.slice(from, from + PORTION));
  }

  #reportOthers(path: string, names: readonly string[], flows: readonly string[]): void {
    for (const name of names)
      if (!flows.includes(name)) reportInvalid(this.#context, `${path}/${name}`, 'no place of a flow');
  }

  #event(event: WatchEvent): void {
    if (!this.#context.active()) return;
    if (this.#aside !== null) {
      this.#aside.push(event);
      return;
    }
    const { type, path } = event;
    if (type === 'deleted' && FIXED.has(path)) return this.#context.fail(`${path} was removed`);
    const at = parseFlowsPath(path);
    if (at === null) {
      if (type === 'created' && !isProbe(path)) reportInvalid(this.#context, path, 'no place of a flow or a note');
    } else if (at.note !== null) return;
    else if (type === 'created') this.#created(at.flow);
    else if (type === 'deleted') this.#deleted(at.flow);
  }

  #created(flow: BatchId): void {
    if (!this.#flows.has(flow)) this.#track(this.#readFlows([flow]));
  }

  #deleted(flow: BatchId): void {
    const known = this.#flows.get(flow);
    if (!this.#flows.delete(flow)) return;
    this.#book.flowGone(flow);
    if (known !== undefined) this.#gone(flow, known.header);
    this.#context.replan();
  }

  #track(read: Promise<void>): void {
    const tracked = read
      .catch((error: unknown) => this.#context.broken(error))
      .then(() => {
        this.#reading.delete(tracked);
      });
    this.#reading.add(tracked);
  }

  async #readFlows(flows: readonly BatchId[]): Promise<void> {
    const fresh = flows.filter((flow) => !this.#flows.has(flow));
    for (const flow of fresh) this.#flows.set(flow, null);
    const znodes = await readMany(this.#context, fresh.map(flowPath));
    for (const [at, flow] of fresh.entries()) {
      const znode = znodes[at] ?? null;
      if (znode === 'denied') continue;
      if (znode === null) this.#flows.delete(flow);
      else await this.#learn(flow, znode);
    }
  }

  /** One that cannot be read is left alone, with its batches: it stops no other. */
  async #learn(flow: BatchId, znode: Znode): Promise<void> {
    try {
      const fact = await readFlow(this.#context, flow, znode);
      // Removed meanwhile, or the term is over.
      if (!this.#context.active() || !this.#flows.has(flow)) return;
      const names = new Set(fact.notes.map(({ name }) => name));
      this.#flows.set(flow, { header: fact.header, notes: [...names] });
      this.#book.flow(fact);
      this.#context.replan();
    } catch (error) {
      reportInvalid(this.#context, flowPath(flow), error);
    }
  }
}

const textOf = ({ data }: Znode): string => new TextDecoder().decode(data);
