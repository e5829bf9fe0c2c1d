import type { schemas } from '@drover/api';
import { readOne } from '@drover/inspect';
import { ROOTS, workerName, workerPath, type WorkerRecord } from '@drover/protocol';
import { messageOf, readLines, sleep } from '@drover/runtime';
import { nullOn, type ZooKeeper } from '@drover/zookeeper';
import type * as z from 'zod';
import type { ApiContext } from '../api-context.js';
import type { Handlers } from './handler.js';
import { taskOf } from './task-of.js';
import { isOut, logUrl, planLog, type LogPlan } from './logs.decide.js';

type LogLine = z.output<typeof schemas.logLine>;
type LogSource = z.output<typeof schemas.logSource>;

/** Time for a worker to begin its answer. */
const WORKER_MS = 3_000;
const DEFAULT_TAIL = 200;
/** Looks for the end of a run whose log has ended: for five seconds. */
const LOOK_EVERY_MS = 100;
const REPORT_LOOKS = 50;

/** Logs of runs: of the worker that has them in memory, else the end that is stored with the result. */
export const logHandlers: Handlers = {
  getLogs: async ({ params, query, caller, signal }, context) => {
    const { id = '' } = params;
    const task = await taskOf(context, id, caller);
    const plan = planLog(task, (query.attempt as number | undefined) ?? null);
    const template = context.data.api.logUrlTemplate;
    const url = template === null ? null : logUrl(template, task, plan);
    const asked: AskedLog = {
      task: id,
      attempt: plan.attempt,
      tail: (query.tail as number | undefined) ?? DEFAULT_TAIL,
      follow: query.follow !== undefined && query.follow !== '0' && query.follow !== 'false',
      signal,
    };
    return { status: 200, lines: linesOf(plan, asked, url, context) };
  },
};

interface AskedLog {
  task: string;
  attempt: number;
  tail: number;
  follow: boolean;
  signal: AbortSignal;
}

/** First where the lines come from, then the lines. */
async function* linesOf(
  plan: LogPlan,
  asked: AskedLog,
  url: string | null,
  context: ApiContext,
): AsyncGenerator<LogSource | LogLine> {
  const { attempt, worker, stored } = plan;
  const from = (source: LogSource['source'], why: string | null): LogSource => ({ source, attempt, worker, why, url });
  const live = await askWorker(plan, asked, context);
  if ('lines' in live) {
    yield from('worker', null);
    yield* live.lines;
    if (asked.follow) await untilReported(asked, context);
    return;
  }
  if (stored === null) {
    yield from('none', plan.worker === null || live.why === null ? plan.otherwise : `${live.why}; ${plan.otherwise}`);
    return;
  }
  yield from('stored', `${live.why ?? 'its worker no longer has it'}; this is the end that is stored`);
  const lines = stored.lines.slice(-asked.tail);
  const first = stored.lines.length - lines.length + 1;
  for (const [n, text] of lines.entries()) yield { seq: first + n, at: stored.at, level: 'info', text };
}

/** The log of a run ends before its report is through. A caller who followed it should find the task ended; not for ever. */
async function untilReported({ task, attempt, signal }: AskedLog, context: ApiContext): Promise<void> {
  for (let looks = 0; looks < REPORT_LOOKS && !signal.aborted; looks++) {
    if (!isOut(await context.stored(context.drover.get(task)), attempt)) return;
    await sleep(context.runtime, LOOK_EVERY_MS);
  }
}

type Asked = { lines: AsyncIterable<LogLine> } | { why: string | null };

/** Asks every worker of that name, of which there is mostly one. `why`: none of them has the lines; `null`: it is unknown. */
async function askWorker(plan: LogPlan, asked: AskedLog, context: ApiContext): Promise<Asked> {
  if (plan.worker === null) return { why: null };
  const records = await recordsOf(await context.zk(), plan.worker);
  if (records.length === 0) return { why: `worker ${plan.worker} is gone` };
  let why = `worker ${plan.worker} serves no logs (it has no --ops-listen)`;
  for (const record of records) {
    if (record.api === undefined) continue;
    const answer = await ask(record.api, record.apiSecret ?? '', asked, context);
    if ('lines' in answer) return answer;
    why = answer.why ?? why;
  }
  return { why };
}

async function recordsOf(zk: ZooKeeper, name: string): Promise<WorkerRecord[]> {
  const ids = (await nullOn(zk.children(ROOTS.workers), 'NO_NODE')) ?? [];
  const own = ids.filter((id) => id === name || workerName(id) === name);
  const records = await Promise.all(own.map((id) => readOne(zk, 'worker', workerPath(id))));
  return records.filter((record) => record !== null);
}

async function ask(api: string, secret: string, asked: AskedLog, { runtime }: ApiContext): Promise<Asked> {
  const { task, attempt, tail, follow, signal } = asked;
  const late = new AbortController();
  const timer = runtime.after(WORKER_MS, () => late.abort(new Error(`no answer within ${WORKER_MS} ms`)));
  const url = `${api.replace(/\/$/, '')}/v1/runs/${task}/${attempt}/log?tail=${tail}${follow ? '&follow=1' : ''}`;
  try {
    const headers = { authorization: `Bearer ${secret}` };
    const answer = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.any([signal, late.signal]) });
    if (answer.ok && answer.body !== null) return { lines: parsed(answer.body) };
    await answer.body?.cancel();
    return { why: answer.status === 404 ? 'its worker has no lines of it' : `its worker answered ${answer.status}` };
  } catch (error) {
    return { why: `its worker does not answer at ${api} (${messageOf(error)})` };
  } finally {
    timer.cancel();
  }
}

/** A worker that breaks off ends the log. */
async function* parsed(body: AsyncIterable<Uint8Array>): AsyncGenerator<LogLine> {
  for await (const lines of readLines(buffers(body)))
    for (const { text } of lines) if (text !== null) yield JSON.parse(text) as LogLine;
}

async function* buffers(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
