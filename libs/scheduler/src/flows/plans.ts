import { parsePlan } from '@drover/flow';
import { planHash, planPath } from '@drover/protocol';
import { messageOf } from '@drover/runtime';
import { readable } from '../facts/readable.js';
import { NOT_WRITTEN } from '../requests/requests.decide.js';
import type { TermContext } from '../term/term-context.js';

interface PlansOptions {
  /** A flow or a schedule names it, or is about to. */
  isUsed: (plan: string) => boolean;
  /** It can be run. */
  isKnown: (plan: string) => boolean;
  learn: (plan: string, text: string) => void;
  /** Resolves when the flows are read of which there were events before now. */
  flowsRead: () => Promise<void>;
}

/** Plans that schedules are about to name: by their texts, or by their hashes, where they must be there. */
export interface GivenPlans {
  readonly texts: readonly string[];
  readonly hashes: readonly string[];
}

/**
 * Plans are written by whoever starts a run, and by the leader for schedules; the leader alone removes them, in two steps, for a
 * flow may be created meanwhile (decision 35):
 *
 * 1. It sets the plan to what it is: its version is not 0 any more, and it is condemned. The creator of a flow checks in the same
 *    transaction that the version is 0. So every flow that names the plan was created before this step, and its event has come
 *    before the answer; or it was created with the plan anew, which deletes and creates it, and the version is 0 again.
 * 2. If no flow that has come names it, the plan of that version is deleted. One that was created anew has another, and stays.
 *
 * A leader that dies between the steps leaves a condemned plan: it can be read as any other, and a start creates it anew.
 */
export class Plans {
  readonly #context: TermContext;
  readonly #options: PlansOptions;
  /** A schedule is about to name them. */
  readonly #wanted = new Map<string, number>();

  constructor(context: TermContext, options: PlansOptions) {
    this.#context = context;
    this.#options = options;
  }

  isWanted(plan: string): boolean {
    return this.#wanted.has(plan);
  }

  /** Nobody has used it for a while. It stays if somebody does by now, or if ZooKeeper refuses. */
  async remove(plan: string): Promise<void> {
    const { writer, zk } = this.#context;
    const path = planPath(plan);
    const znode = await readable(this.#context, path, zk.get(path));
    if (znode === null || !this.#context.active()) return;
    const data = new TextDecoder().decode(znode.data);
    if (this.#stays(plan, data)) return;
    const { version } = znode.stat;
    const condemned = await writer.attempt([{ op: 'set', path, data, version }]);
    if (condemned?.applied !== true) {
      this.#refused(condemned);
      return;
    }
    await this.#options.flowsRead();
    if (!this.#context.active() || this.#stays(plan, data)) return;
    this.#refused(await writer.attempt([{ op: 'delete', path, version: version + 1 }]));
  }

  /** The book has forgotten it. */
  #stays(plan: string, text: string): boolean {
    const isUsed = this.#options.isUsed(plan);
    if (isUsed) this.#options.learn(plan, text);
    return isUsed;
  }

  #refused(answer: Awaited<ReturnType<TermContext['writer']['attempt']>>): void {
    if (answer === null || answer.applied || answer.code === 'NO_NODE' || answer.code === 'BAD_VERSION') return;
    this.#context.refused(answer);
  }

  /** Writes the plans that are not there; all of them stay while `use` goes on. `refusal`: why one cannot be used; `null`: they can. */
  async use<T>({ texts, hashes }: GivenPlans, use: (refusal: string | null) => Promise<T>): Promise<T> {
    const plans = texts.map((text) => ({ text, hash: planHash(text) }));
    const wanted = [...plans.map(({ hash }) => hash), ...hashes];
    for (const hash of wanted) this.#wanted.set(hash, (this.#wanted.get(hash) ?? 0) + 1);
    try {
      for (const plan of plans) {
        const refusal = await this.#write(plan);
        if (refusal !== null) return await use(refusal);
      }
      return await use(null);
    } finally {
      for (const hash of wanted) this.#release(hash);
    }
  }

  #release(hash: string): void {
    const left = (this.#wanted.get(hash) ?? 0) - 1;
    if (left > 0) this.#wanted.set(hash, left);
    else this.#wanted.delete(hash);
  }

  async #write({ text, hash }: { text: string; hash: string }): Promise<string | null> {
    const { isKnown, learn } = this.#options;
    if (isKnown(hash)) return null;
    try {
      parsePlan(text);
    } catch (error) {
      return messageOf(error);
    }
    const answer = await this.#context.writer.attempt([{ op: 'create', path: planPath(hash), data: text }]);
    if (answer === null) return NOT_WRITTEN;
    if (!answer.applied && answer.code !== 'NODE_EXISTS') {
      this.#context.refused(answer);
      return NOT_WRITTEN;
    }
    learn(hash, text);
    return null;
  }
}
