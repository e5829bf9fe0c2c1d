/**
 * The viewers of a chaos run, in one process: at every API they ask without end, open streams and do not read them, send
 * garbage, and open sockets and leave them, until SIGTERM. Then all of them go, and each API must answer.
 */
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { inBackground, messageOf, seededRandom, uncaught } from '@drover/runtime';
import { Journal } from '../journal.js';
import { monotonicMs } from '../time.js';
import { garbage } from './garbage.js';
import { flood } from './questions.js';
import type { ViewersDid, ViewersLine, ViewersSettings } from './settings.js';
import { slowReaders } from './slow-readers.js';
import { keepSockets } from './sockets.js';

const STREAMS = 40;
const GARBAGE = 20;
const SOCKETS = 100;
/** So long an API may need until it answers when all viewers have gone. */
const ANSWER_MS = 30_000;
const LOOK_MS = 500;

// Viewers sit at other machines: what they compute themselves must not take processors from the system.
setPriority(19);
const settings = JSON.parse(process.argv[2] ?? '{}') as ViewersSettings;
const { name, apis, seed, perSecond } = settings;
const history = new Journal<ViewersLine>(settings.history);
const did: ViewersDid = { answers: {}, streams: 0, garbage: 0, sockets: 0 };
const random = seededRandom(seed);
const leaving = new AbortController();
const { signal } = leaving;

process.once('SIGTERM', () => {
  leaving.abort();
  inBackground(finish(), uncaught);
});
for (const api of apis) {
  flood(api, { perSecond, random, did, signal });
  slowReaders(api, { count: STREAMS, random, did, signal });
  garbage(api, { count: GARBAGE, random, did, signal });
  keepSockets({ api, count: SOCKETS, random, signal, opened: () => did.sockets++ });
}
process.stderr.write(`${JSON.stringify({ event: 'viewers.began' })}\n`);

async function finish(): Promise<void> {
  const answering = await Promise.all(apis.map(async (api) => ({ api, fault: await faultOf(api) })));
  history.write({ at: monotonicMs(), name, did, answering });
  process.exit(0);
}

/** Null: it lives and shows who leads. */
async function faultOf(api: string): Promise<string | null> {
  const until = monotonicMs() + ANSWER_MS;
  for (;;) {
    const fault = await lookAt(api).catch(messageOf);
    if (fault === null || monotonicMs() > until) return fault;
    await delay(LOOK_MS);
  }
}

async function lookAt(api: string): Promise<string | null> {
  const ask = (path: string): Promise<Response> => fetch(api + path, { signal: AbortSignal.timeout(ANSWER_MS) });
  const lives = await ask('/livez');
  if (lives.status !== 200) return `/livez answers ${lives.status}`;
  const overview = await ask('/v1/overview');
  if (overview.status !== 200) return `/v1/overview answers ${overview.status}`;
  const { leader } = (await overview.json()) as { leader: object | null };
  return leader === null ? '/v1/overview knows no leader' : null;
}
