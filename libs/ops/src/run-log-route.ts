import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSame } from './same-secret.js';

/** A line of a run, as it is served. */
export interface ServedLine {
  readonly seq: number;
  readonly at: number;
  readonly level: string;
  readonly text: string;
}

/** The log of one attempt. */
export interface ServedLog {
  readonly hasEnded: boolean;
  lines(most?: number): readonly ServedLine[];
  /** `listener` hears of further lines, and of the end with `null`. Returns how to stop that. */
  follow(listener: (line: ServedLine | null) => void): () => void;
}

/** The logs of the runs of a worker. */
export interface RunLogSource {
  /** The bearer token of everybody who asks. */
  secret: string;
  find(task: string, attempt: number): ServedLog | null;
}

interface Asked {
  Params: { task: string; attempt: string };
  Querystring: { tail?: string; follow?: string };
}

/** Of a reader that is too slow: further lines are left out, and it is told so. */
const MAX_WAITING_CHARS = 256 * 1024;

/** `GET /v1/runs/<task>/<attempt>/log?tail=200&follow=1`: a JSON object a line; with `follow` until the run ends. */
export function serveRunLogs(server: FastifyInstance, source: RunLogSource): void {
  server.get<Asked>('/v1/runs/:task/:attempt/log', async (request: FastifyRequest<Asked>, reply: FastifyReply) => {
    if (!isSame(request.headers.authorization ?? '', `Bearer ${source.secret}`))
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send('the secret of the record of this worker is needed\n');
    const { task, attempt } = request.params;
    const log = source.find(task, Number(attempt));
    if (log === null) return reply.code(404).send('this worker has no line of this attempt\n');
    const { tail, follow } = request.query;
    const most = tail === undefined ? undefined : Math.max(1, Number(tail) || 1);
    return reply.type('application/x-ndjson').send(streamOf(log, most, follow === '1'));
  });
}

function streamOf(log: ServedLog, most: number | undefined, follow: boolean): Readable {
  let stop = (): void => undefined;
  const stream = new Readable({
    read: () => undefined,
    destroy: (error, done) => {
      stop();
      done(error);
    },
  });
  const say = (line: ServedLine): void => void stream.push(`${JSON.stringify(line)}\n`);
  for (const line of log.lines(most)) say(line);
  if (!follow || log.hasEnded) {
    stream.push(null);
    return stream;
  }
  let missed = 0;
  stop = log.follow((line) => {
    if (line === null) stream.push(null);
    else if (stream.readableLength > MAX_WAITING_CHARS) missed++;
    else {
      if (missed > 0) say({ ...line, level: 'warn', text: `${missed} lines were left out: you read too slowly` });
      missed = 0;
      say(line);
    }
  });
  return stream;
}
