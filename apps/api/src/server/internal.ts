import { QUESTIONS, type QuestionName, type Questions } from '@drover/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { AUDIT_PATH } from '../access/audit-handlers.js';
import type { ApiContext } from '../api-context.js';
import type { Handlers } from '../handlers/handler.js';
import { ASK_PATH } from '../leader/ask-leader.js';
import { FOLLOW_PATH, tellFollower, type Told } from '../leader/follow.js';
import { ANSWER_PATH, answerForwarded } from './forward.js';
import { hangUp, incomingOf } from './requests.js';
import { checked } from './validate.js';

const NAMES = (Object.keys(QUESTIONS) as QuestionName[]).filter((name) => QUESTIONS[name] === 'leader');
const question = z.strictObject({ name: z.enum(NAMES), ask: z.unknown() });
/** A follower that is so far behind gets everything anew. */
const MOST_BUFFERED = 4 * 1024 * 1024;

/** Questions of replicas to each other. No caller may: a replica proves that it is one, and that it sent exactly this body. */
export function addInternalRoutes(server: FastifyInstance, handlers: Handlers, context: ApiContext): void {
  const { access } = context;
  const onlyReplicas = async (request: FastifyRequest): Promise<void> => access.admitReplica(incomingOf(request));
  const bodyOf = (request: FastifyRequest): unknown => {
    const text = request.body as string;
    access.admitReplica(incomingOf(request), text);
    return JSON.parse(text) as unknown;
  };
  server.register(async (internal) => {
    internal.removeContentTypeParser('application/json');
    internal.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) =>
      done(null, text),
    );
    internal.addHook('onRequest', onlyReplicas);
    internal.post(ASK_PATH, async (request, reply) => {
      const { name, ask } = checked(question, bodyOf(request), 'body');
      const answer = await context.ask(name, ask as Questions[typeof name]['ask']);
      return reply.send({ answer });
    });
    internal.post(ANSWER_PATH, async (request, reply) => {
      const answer = await answerForwarded(bodyOf(request), handlers, context, hangUp(reply, context.stopping));
      return reply.send({ answer });
    });
    internal.get(AUDIT_PATH, async (_request, reply) => reply.send({ entries: context.audit.entries() }));
    internal.get(FOLLOW_PATH, { compress: false } as object, (_request, reply) => follow(context, reply));
  });
}

function follow({ live, runtime, stopping }: ApiContext, reply: FastifyReply): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  const send = (told: Told): boolean => {
    raw.write(`${JSON.stringify(told)}\n`);
    return raw.writableLength < MOST_BUFFERED;
  };
  const end = (): void => void raw.end();
  // It may have gone before.
  if (raw.destroyed || stopping.aborted) return end();
  const stop = tellFollower(live, runtime, send, end);
  stopping.addEventListener('abort', end, { once: true });
  raw.once('close', () => {
    stop();
    stopping.removeEventListener('abort', end);
  });
}
