/**
 * A client of a chaos run: submits and reads results until SIGTERM, then reads what is still to come and ends. Killed and
 * started again it goes on from its own history. It logs to stderr as Drover's programs do: one JSON object a line.
 */
import { readFileSync } from 'node:fs';
import { connect } from '@drover/client';
import { createLog } from '@drover/observability';
import { messageOf, seededRandom } from '@drover/runtime';
import type { Operation } from '@drover/verify';
import { Journal } from '../journal.js';
import { FlowLoad, isRun, readRun } from './flow-load.js';
import { readResult } from './follow.js';
import { ClientHistory } from './history.js';
import { Load } from './load.js';
import { resumeFrom } from './resume.js';
import { HttpSubmitter } from './over-http/http-submitter.js';
import { plainWork } from './over-http/plain-work.js';
import type { ClientSettings } from './settings.js';
import type { Submitter } from './submitter.js';
import { Zxids } from './zxids.js';

const settings = JSON.parse(process.argv[2] ?? '{}') as ClientSettings;
const {
  name: client,
  zk,
  seed,
  operations,
  sessionTimeoutMs,
  tasksPerSecond,
  runsPerSecond,
  maxUnfinished,
  apis,
} = settings;

const tell = (event: string, more: object = {}): void => {
  process.stderr.write(`${JSON.stringify({ event, ...more })}\n`);
};
// Its session is told as Drover's programs tell theirs.
const log = createLog({ level: 'info', stacks: false, fields: { role: 'client' } });
const stopping = new AbortController();
process.once('SIGTERM', () => {
  stopping.abort();
});

const past = resumeFrom(ownLines(readFileSync(operations, 'utf8')));
const history = new ClientHistory(new Journal<Operation>(operations), client, past.calls);
for (const call of past.open) history.giveUp(call);
try {
  await (apis === undefined ? byLibrary() : work(new HttpSubmitter(apis)));
  tell('client.finished');
  process.exit(0);
} catch (error) {
  tell('process.failed', { error: error instanceof Error ? error.stack : messageOf(error) });
  process.exit(1);
}

async function byLibrary(): Promise<void> {
  const drover = await connect({ zk, sessionTimeout: sessionTimeoutMs, connectTimeout: '1h', name: client, log });
  const flows = new FlowLoad(drover, history, seededRandom(seed - past.calls), { client, runsPerSecond });
  const runs = past.unread.filter(({ task }) => isRun(task));
  const resumed = runs.map(({ task, id }) => readRun(history, task, drover.flowRun(id)));
  await Promise.all([work(drover), flows.run(stopping.signal), ...resumed]);
  await drover.close();
}

async function work(drover: Submitter): Promise<void> {
  tell('client.connected', { unread: past.unread.length });
  // Each life draws from another place of the same seed.
  const random = seededRandom(seed + past.calls);
  const zxids = new Zxids(zk);
  const choose = apis === undefined ? {} : { choose: plainWork };
  const options = { client, tasksPerSecond, maxUnfinished, named: past.tasks, ...choose };
  const load = new Load(drover, history, zxids, random, options);
  const resumed = past.unread
    .filter(({ task }) => !isRun(task))
    .map(({ task, id }) => readResult(history, task, drover.task(id)));
  await Promise.all([load.run(stopping.signal), ...resumed]);
  await zxids.close();
}

function ownLines(text: string): Operation[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Operation)
    .filter((line) => line.client === client);
}
