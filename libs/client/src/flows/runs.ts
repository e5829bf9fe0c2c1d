import { checkOptions, InvalidArgumentError, parseTaskId } from '@drover/core';
import { parsePlan, type Plan, type RunState } from '@drover/flow';
import {
  decodeFlowHeader,
  flowPath,
  FLOWS,
  planPath,
  type CommandAnswer,
  type CommandRequest,
  type ReadRecord,
} from '@drover/protocol';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import { readStoredRun, type StoredRun } from '@drover/inspect';
import { command, type CommandContext } from '../admin/command.js';
import { CommandRefusedError, NoLeaderError } from '../errors.js';
import type { AskOptions } from '../options.js';
import { RunNotFoundError } from './errors.js';
import { runReader } from './run-reader.js';
import type { FlowRunSummary, FlowRunView, RunListOptions, RunListPage, RunReply, Runs } from './runs-api.js';

const RUN_STATES: readonly RunState[] = ['waiting', 'running', 'succeeded', 'failed', 'cancelled'];
const PAGE = 100;
const MOST = 500;
const PER_COMMAND = 500;

export interface RunsHome {
  read: <T>(act: (zk: ZooKeeper) => Promise<T>) => Promise<T>;
  commands: (asked: AskOptions) => CommandContext;
}

/** `drover.runs`: what is given is checked here, then the leader is asked. */
export class RunClient implements Runs {
  readonly #home: RunsHome;

  constructor(home: RunsHome) {
    this.#home = home;
  }

  async get(run: string, options: { output?: boolean } = {}): Promise<FlowRunView> {
    checkOptions(options, ['output']);
    const { output: outputs, ...view } = await this.#told(checkRun(run));
    if (options.output !== true || view.state !== 'succeeded') return view;
    const { batch = '', index = 0 } = parseTaskId(run) ?? {};
    const { read, commands } = this.#home;
    const { runtime } = commands({});
    return { ...view, output: await read((zk) => runReader(zk, runtime).output(batch, index, outputs)) };
  }

  /** As the leader tells it, or as the znodes do where it cannot. */
  async #told(run: string): Promise<FlowRunView & { output: readonly ReadRecord[] }> {
    let state: 'pending' | 'unknown' = 'pending';
    try {
      const answer = await this.#ask({ kind: 'flow-get', run }, {});
      // The record has the same fields, and its reader keeps those of later versions.
      if (answer.run !== undefined) return answer.run as unknown as FlowRunView & { output: readonly ReadRecord[] };
    } catch (error) {
      if (error instanceof NoLeaderError) state = 'unknown';
      else if (!(error instanceof CommandRefusedError)) throw error;
    }
    const stored = await this.#home.read((zk) => readStoredRun(zk, run));
    if (stored === null) throw new RunNotFoundError(run);
    return viewOfStored(stored, state);
  }

  async plan(run: string): Promise<Plan> {
    const [flow = ''] = checkRun(run).split('.');
    return this.#home.read(async (zk) => {
      const znode = await nullOn(zk.get(flowPath(flow)), 'NO_NODE');
      if (znode === null) throw new RunNotFoundError(run);
      const { plan } = decodeFlowHeader(flowPath(flow), znode.data);
      return parsePlan(new TextDecoder().decode((await zk.get(planPath(plan))).data));
    });
  }

  async page(options: RunListOptions = {}): Promise<RunListPage> {
    checkOptions(options, ['flow', 'states', 'queues', 'limit', 'cursor']);
    const { states, queues, limit = PAGE, flow, cursor } = options;
    const wrong = states?.find((state) => !RUN_STATES.includes(state));
    if (wrong !== undefined) throw new InvalidArgumentError('states', wrong, `some of ${RUN_STATES.join(', ')}`);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
      throw new InvalidArgumentError('limit', limit, `a whole number from 1 to ${MOST}`);
    const { page } = await this.#ask(
      {
        kind: 'flow-list',
        limit,
        ...(flow !== undefined && { flow }),
        ...(states !== undefined && { states: [...states] }),
        ...(queues !== undefined && { queues: [...queues] }),
        ...(cursor !== undefined && { cursor }),
      },
      {},
    );
    return { runs: (page?.runs ?? []) as FlowRunSummary[], cursor: page?.cursor ?? null };
  }

  async *list({ limit = Infinity, ...filter }: Omit<RunListOptions, 'cursor'> = {}): AsyncGenerator<
    FlowRunSummary,
    void,
    undefined
  > {
    let left = limit;
    let cursor: string | undefined;
    while (left > 0) {
      const page = await this.page({ ...filter, cursor, limit: Math.min(left, MOST) });
      yield* page.runs;
      left -= page.runs.length;
      if (page.cursor === null) return;
      cursor = page.cursor;
    }
  }

  async signal(run: string, step: string, given: Parameters<Runs['signal']>[2] = {}): Promise<RunReply> {
    checkOptions(given, ['answer', 'payload', 'by', 'reason']);
    const { answer, payload = null, ...asked } = given;
    const json: unknown = JSON.parse(JSON.stringify(payload));
    const request = { run: checkRun(run), step, payload: json, ...(answer !== undefined && { answer }) };
    const { runs } = await this.#ask({ kind: 'flow-signal', ...request }, asked);
    return runs?.[0] ?? unanswered(run);
  }

  async cancel(runs: Iterable<string>, options: Parameters<Runs['cancel']>[1] = {}): Promise<RunReply[]> {
    checkOptions(options, ['force', 'by', 'reason']);
    const { force = false, ...asked } = options;
    return this.#change([...runs], asked, (some) => ({ kind: 'flow-cancel', runs: some, ...(force && { force }) }));
  }

  async retry(runs: Iterable<string>, options: Parameters<Runs['retry']>[1] = {}): Promise<RunReply[]> {
    checkOptions(options, ['from', 'by', 'reason']);
    const { from, ...asked } = options;
    const how = from === undefined ? {} : { from };
    return this.#change([...runs], asked, (some) => ({ kind: 'flow-retry', runs: some, ...how }));
  }

  /** One command for some hundred runs, one after the other. */
  async #change(
    runs: readonly string[],
    asked: AskOptions,
    request: (some: string[]) => CommandRequest,
  ): Promise<RunReply[]> {
    const all = runs.map(checkRun);
    const replies: RunReply[] = [];
    for (let from = 0; from < all.length; from += PER_COMMAND) {
      const some = all.slice(from, from + PER_COMMAND);
      const answer = await this.#ask(request(some), asked);
      replies.push(...some.map((run, at) => answer.runs?.[at] ?? unanswered(run)));
    }
    return replies;
  }

  #ask(request: CommandRequest, asked: AskOptions): Promise<CommandAnswer> {
    return command(request, this.#home.commands(asked), [FLOWS]);
  }
}

/** `otherwise`: its state where it has not ended. */
export function viewOfStored(
  { end, ...run }: StoredRun,
  otherwise: 'pending' | 'unknown',
): FlowRunView & { output: readonly ReadRecord[] } {
  const reason = end?.reason ?? undefined;
  return {
    ...run,
    state: end?.state ?? otherwise,
    ...(reason !== undefined && { reason }),
    ...{ endedAt: end?.at ?? null, steps: {}, output: end?.outputs ?? [] },
  };
}

const unanswered = (run: string): RunReply => ({ run, ok: false, message: 'the leader did not say what became of it' });

function checkRun(run: string): string {
  const id = parseTaskId(run);
  if (id?.cell === '') return run;
  throw new InvalidArgumentError('run', run, 'an id such as 01JD3V8R2MZ6K4Q7T9XBYC5HNA.0');
}
