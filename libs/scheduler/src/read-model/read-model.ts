import type { Facts, QuestionName, Questions } from '@drover/api';
import type { PageCursor } from '@drover/planner';
import type { Runtime } from '@drover/runtime';
import { answerCount } from './count-answer.js';
import { FactsTeller } from './facts-teller.js';
import { inSlices } from './in-slices.js';
import { liveQueues } from './queue-live.js';
import { answerBroadcasts } from './broadcasts-answer.js';
import { answerGroup, answerGroups, answerResults, answerRun, answerRuns, answerStepTasks } from './runs-answer.js';
import { answerTasks } from './tasks-answer.js';
import type { TermNews } from './term-news.js';
import type { TermView } from './term-view.js';
import { Walks } from './walks.js';

/** Questions about the memory of the leader. */
export type Asked = Exclude<QuestionName, 'resign' | 'metrics'>;

/** Of the leader's thread, for one answer. */
const BUDGET_MS = 1;
const MOST_QUEUES = 1_000;

/**
 * The reading side of a scheduler: answers questions from the memory of the term, and tells what changes. It writes
 * nothing, reads nothing from ZooKeeper, and keeps nothing for a task that nobody asks for. Nothing of a term outlives it.
 */
export class ReadModel {
  readonly #runtime: Runtime;
  readonly #teller: FactsTeller;
  #view: TermView | null = null;
  #walks = new Walks<PageCursor>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#teller = new FactsTeller(runtime);
  }

  get news(): TermNews {
    return this.#teller;
  }

  /** Null: this scheduler does not lead. */
  get view(): TermView | null {
    return this.#view;
  }

  /** Tells everything once, and then what changes, at most every 50 ms. Null: nobody follows any more. */
  follow(tell: ((facts: Facts) => void) | null): void {
    this.#teller.follow(tell);
  }

  began(view: TermView): void {
    this.#view = view;
    this.#walks = new Walks();
    this.#teller.began(view);
  }

  ended(): void {
    this.#view = null;
    this.#walks = new Walks();
    this.#teller.ended();
  }

  /** Something may have changed. Cheap: called after each plan. */
  touch(): void {
    this.#teller.touch();
  }

  /**
   * Null: this scheduler does not lead, or not any more. Takes a millisecond or two of the thread at a time. Throws, or
   * rejects, where the question makes no sense: that hurts nobody else.
   */
  answer<Name extends Asked>(name: Name, ask: Questions[Name]['ask']): Promise<Questions[Name]['answer']> {
    return this.#answer({ name, ask } as Question) as Promise<Questions[Name]['answer']>;
  }

  async #answer(question: Question): Promise<unknown> {
    const view = this.#view;
    if (view === null) return null;
    const runtime = this.#runtime;
    const slicing = { runtime, isCurrent: () => this.#view === view };
    switch (question.name) {
      case 'tasks': {
        const budget = { ms: BUDGET_MS, clock: () => runtime.monotonic() };
        const revision = `${view.epoch}.${this.#teller.n}`;
        return answerTasks(view, this.#walks, question.ask, { budget, revision });
      }
      case 'count':
        return answerCount(view, question.ask, slicing);
      case 'why':
        return view.why(question.ask.task) ?? 'unknown';
      case 'run':
        return answerRun(view, question.ask);
      case 'runs':
        return answerRuns(view, question.ask);
      case 'groups':
        return answerGroups(view, question.ask);
      case 'group':
        return answerGroup(view, question.ask);
      case 'results':
        return answerResults(view, question.ask);
      case 'broadcasts':
        return answerBroadcasts(view, question.ask);
      case 'stepTasks':
        return answerStepTasks(view, question.ask);
      case 'queues':
        return inSlices(liveQueues(view, question.ask.names, Math.min(MOST_QUEUES, question.ask.most)), slicing);
      case 'limits':
        return inSlices(
          view.limits().map((limits) => limits.slice(0, question.ask.most)),
          slicing,
        );
      case 'scale':
        return view.adviceFor(question.ask.pool);
      case 'scaling':
        return inSlices(view.planner.scaling(question.ask), slicing);
    }
  }
}

type Question = { [Name in Asked]: { name: Name; ask: Questions[Name]['ask'] } }[Asked];
