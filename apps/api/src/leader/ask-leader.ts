import type { QuestionName, Questions } from '@drover/api';
import { messageOf, withDeadline, type Runtime } from '@drover/runtime';
import type { Access } from '../access/access.js';
import { ApiError } from '../api-error.js';
import type { SchedulerPort } from '../port.js';
import type { LeaderWatch } from './leader-watch.js';
import type { ReplicaClient } from './request-json.js';

/** The address at which replicas ask each other. */
export const ASK_PATH = '/internal/ask';
const WITHIN_MS = 2_000;
const RETRY_AFTER_MS = 1_000;

export interface LeaderAsker {
  schedulerId: string;
  port: SchedulerPort;
  leader: LeaderWatch;
  client: ReplicaClient;
  access: Pick<Access, 'replicaHeaders'>;
  runtime: Runtime;
}

/** Null of a question: that scheduler does not lead. */
type Given<Name extends QuestionName> = Exclude<Questions[Name]['answer'], null>;

/**
 * Asks the scheduler of this process if it leads, else the API of the leader; if neither leads any more, once more after the
 * leader changed. Rejects with `ApiError`: `no-leader`, `leader-unreachable`.
 */
export async function askLeader<Name extends QuestionName>(
  name: Name,
  ask: Questions[Name]['ask'],
  asker: LeaderAsker,
): Promise<Given<Name>> {
  for (let tries = 0; ; tries++) {
    const leader = asker.leader.current;
    const isHere = leader === null || leader.id === asker.schedulerId;
    const answer = isHere ? await asker.port.ask(name, ask) : await askOther(name, ask, asker);
    if (answer !== null) return answer as Given<Name>;
    const now = asker.leader.current;
    if (now === null) throw noLeader();
    if (tries > 0 || now.epoch === leader?.epoch) throw notLeading(now.id);
  }
}

export const noLeader = (): ApiError =>
  new ApiError('no-leader', 'no scheduler leads now; one is elected as soon as one is connected to ZooKeeper', {
    retryAfterMs: RETRY_AFTER_MS,
  });

const notLeading = (id: string): ApiError =>
  new ApiError('leader-unreachable', `scheduler ${id} has just become leader and does not answer questions yet`, {
    retryAfterMs: RETRY_AFTER_MS,
  });

async function askOther<Name extends QuestionName>(
  name: Name,
  ask: Questions[Name]['ask'],
  { leader, client, access, runtime }: LeaderAsker,
): Promise<Questions[Name]['answer'] | null> {
  const { id, api } = leader.current ?? { id: '?', api: undefined };
  if (api === undefined)
    throw unreachable(
      `the leader ${id} offers no API: it was started with --api-listen off, or is of an older release`,
    );
  const url = new URL(api + ASK_PATH);
  const body = JSON.stringify({ name, ask });
  try {
    const { status, json } = await withDeadline(runtime, WITHIN_MS, (signal) =>
      client.json(url, {
        method: 'POST',
        headers: access.replicaHeaders('POST', ASK_PATH, body),
        body,
        signal,
      }),
    );
    if (status !== 200) throw unreachable(`the leader ${id} at ${api} answered ${status}: ${detailOf(json)}`);
    return (json as { answer: Questions[Name]['answer'] | null }).answer;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw unreachable(`the leader ${id} at ${api} did not answer: ${messageOf(error)}`);
  }
}

const unreachable = (detail: string): ApiError =>
  new ApiError('leader-unreachable', detail, { retryAfterMs: RETRY_AFTER_MS });

const detailOf = (json: unknown): string =>
  typeof json === 'object' && json !== null && 'detail' in json ? String(json.detail) : 'without a reason';
