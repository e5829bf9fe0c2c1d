import { inBackground, uncaught } from '@drover/runtime';
import type { ViewersDid } from './settings.js';

/** Questions of a dashboard and of programs: from memory, from znodes, asked of the leader, and some that are wrong. */
const QUESTIONS = [
  '/v1/overview',
  '/v1/overview',
  '/v1/queues',
  '/v1/workers',
  '/v1/schedulers',
  '/v1/schedules',
  '/v1/limits',
  '/v1/status',
  '/v1/failures',
  '/v1/failures/groups',
  '/v1/tasks?limit=100',
  '/v1/tasks?q=state:failed&limit=50',
  '/v1/tasks?q=queue:bulk+since:1h',
  '/v1/tasks?q=state:pending&view=full&limit=20',
  '/v1/tasks?q=no:such:filter',
  '/v1/tasks/01AAAAAAAAAAAAAAAAAAAAAAAA.0',
  '/v1/series?metric=finished&range=1h',
  '/v1/overview?after=1.1&wait=2s',
  '/v1/scaling?queue=default',
  '/v1/nothing',
  '/metrics',
  '/readyz?leader',
  '/openapi.json',
  '/ui/',
] as const;
/** An answer that takes longer counts as an error. */
const WITHIN_MS = 10_000;
/** At one API at the same time; a question that would be one more is left out. */
const MOST_OPEN = 200;

/** Asks one API so often, whether it answers or not, until `signal`. */
export function flood(
  api: string,
  options: { perSecond: number; random: () => number; did: ViewersDid; signal: AbortSignal },
): void {
  const { perSecond, random, did, signal } = options;
  let open = 0;
  const ask = async (path: string): Promise<void> => {
    open++;
    const how = await answerOf(api + path, signal);
    open--;
    did.answers[how] = (did.answers[how] ?? 0) + 1;
  };
  const timer = setInterval(() => {
    // At once, as a browser asks for everything that its page needs.
    for (let n = 0; n < perSecond / 10 && open < MOST_OPEN; n++)
      inBackground(ask(QUESTIONS[Math.floor(random() * QUESTIONS.length)] ?? '/'), uncaught);
  }, 100);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** The status of an answer that was read to its end, or `error`. Never rejects. */
async function answerOf(url: string, signal: AbortSignal): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]) });
    await answer.arrayBuffer();
    return String(answer.status);
  } catch {
    return 'error';
  }
}
