import type { ArgumentsOf, BodyOf } from '@drover/api';
import type { FlowCounts, Plan, RunSummary, RunView } from '@drover/flow';
import { api } from '../../data/api.js';
import { useQuery, type Query, type QueryOptions } from '../../data/query.js';

/** The answer of the API to a question for runs. */
export interface RunList {
  readonly items: readonly RunSummary[];
  readonly next: string | null;
  /** Runs by flow and state: on the first page, for callers who see all queues. */
  readonly counts?: Readonly<Record<string, FlowCounts>>;
}
export type Act = 'signal' | 'cancel' | 'retry';

const FLOWS: QueryOptions = { topics: ['flows'] };

/** For what is shown of one run: events name the flow, which is the part of its id before the dot. */
export const ofRun = (run: string): QueryOptions => ({
  topics: ['flows'],
  gapMs: 1_000,
  isAbout: (data) => {
    const { changed = [], more = 0 } = data as { changed?: readonly string[]; more?: number };
    return more > 0 || changed.includes(run.slice(0, run.indexOf('.')));
  },
});

// The schemas of the API and the types of flows have the same fields.
export const useRuns = (values: ArgumentsOf<'GET', '/v1/flows'>): Query<RunList> =>
  useQuery('/v1/flows', values, FLOWS) as unknown as Query<RunList>;

export const useRun = (run: string): Query<RunView> =>
  useQuery('/v1/flows/:run', { run }, ofRun(run)) as unknown as Query<RunView>;

/** A run keeps the plan with which it began. */
export const usePlan = (run: string): Query<Plan> =>
  useQuery('/v1/flows/:run/plan', { run }, {}) as unknown as Query<Plan>;

export async function act<What extends Act>(
  run: string,
  what: What,
  body: BodyOf<'POST', `/v1/flows/:run/${What}`>,
): Promise<void> {
  await api.post(`/v1/flows/:run/${what}` as '/v1/flows/:run/signal', { run }, body as never);
}
