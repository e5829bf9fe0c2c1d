import { isLoopbackHost, type Listen } from '@drover/config';
import { DroverError } from '@drover/core';
import type { MetricsRegistry } from '@drover/observability';
import type { Health } from '@drover/runtime';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serveRunLogs, type RunLogSource } from './run-log-route.js';
import { isSame } from './same-secret.js';

export interface OpsOptions {
  listen: Listen;
  metrics: Pick<MetricsRegistry, 'text' | 'contentType'>;
  health: () => Health;
  /**
   * `/metrics` is served to requests with `Authorization: Bearer <token>`. Default: no token, on a loopback address
   * only.
   */
  token?: string;
  /** Serve `/metrics` without a token on any address; default false. */
  insecure?: boolean;
  /** The logs of the runs of this process; absent: it has none. */
  runLogs?: RunLogSource | undefined;
}

export interface OpsServer {
  /** `http://HOST:PORT`, with the port that was taken. */
  readonly url: string;
  close(): Promise<void>;
}

/** Thrown when the address cannot be listened at. */
export class OpsListenError extends DroverError {
  override readonly name = 'OpsListenError';
}

/**
 * Serves the HTTP endpoints for operators and orchestrators: `/livez` (the event loop turns), `/readyz` (`health`),
 * `/startupz` (it has been connected once), and `/metrics` in Prometheus' text format; of a worker also the logs of its runs.
 * Probes need no token. Rejects with
 * `OpsListenError`.
 */
export async function startOps(options: OpsOptions): Promise<OpsServer> {
  const server = fastify({ forceCloseConnections: true });
  const { listen, metrics, health, runLogs } = options;
  server.get('/livez', (_request, reply) => reply.send('ok\n'));
  server.get('/readyz', (_request, reply) => {
    const { ready, why } = health();
    return reply.code(ready ? 200 : 503).send(`${why}\n`);
  });
  server.get('/startupz', (_request, reply) => {
    const { hasConnected, why } = health();
    return reply.code(hasConnected ? 200 : 503).send(hasConnected ? 'ok\n' : `${why}\n`);
  });
  server.get('/metrics', { onRequest: guard(options) }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
  if (runLogs !== undefined) serveRunLogs(server, runLogs);
  return { url: await listenAt(server, listen), close: () => server.close() };
}

async function listenAt(server: FastifyInstance, { host, port }: Listen): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the port is in use; choose another' : (cause as Error).message;
    throw new OpsListenError(`cannot listen at ${host}:${port}: ${why}`, { cause });
  }
}

/** Answers 401 or 403 to a request that may not read the metrics. */
function guard({ listen, token, insecure = false }: OpsOptions) {
  const isFree = insecure || (token === undefined && isLoopbackHost(listen.host));
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (isFree) return;
    if (token === undefined) {
      await reply.code(403).send('metrics beyond loopback need --ops-token-file or --ops-insecure\n');
    } else if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`)) {
      await reply.code(401).header('www-authenticate', 'Bearer').send('the token of --ops-token-file is needed\n');
    }
  };
}
