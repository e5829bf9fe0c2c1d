import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ApiContext } from '../api-context.js';
import { ApiError } from '../api-error.js';
import { incomingOf } from './requests.js';

const YEAR_S = 31_536_000;

/** Serves the dashboard at `/ui/`, if it was built, and leads browsers that ask for `/` there. */
export async function addStatic(server: FastifyInstance, context: ApiContext, basePath: string): Promise<void> {
  const root = dashboardFolder();
  const admit = async (request: FastifyRequest): Promise<void> => {
    await context.access.admit(incomingOf(request), null);
  };
  if (root !== null)
    await server.register(fastifyStatic, {
      root,
      serve: false,
      preCompressed: true,
      cacheControl: false,
      index: false,
    });
  server.get('/', { onRequest: admit }, (request, reply) => {
    if ((request.headers.accept ?? '').includes('text/html')) return reply.redirect(`${basePath}/ui/`, 302);
    return reply.redirect(`${basePath}/v1`, 302);
  });
  server.get('/ui', { onRequest: admit }, (_request, reply) => reply.redirect(`${basePath}/ui/`, 302));
  server.get('/ui/*', { onRequest: admit }, (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    if (root !== null && isAsset(root, path)) return sendAsset(reply, path);
    if (path.startsWith('assets/'))
      throw new ApiError('not-found', 'there is no such file of the dashboard: load the page anew');
    return reply.headers({ 'cache-control': 'no-store' }).type('text/html; charset=utf-8').send(pageOf(root, basePath));
  });
}

/** Null: it was not built. */
function dashboardFolder(): string | null {
  try {
    const folder = fileURLToPath(new URL('dist/ui/', import.meta.resolve('@drover/dashboard/package.json')));
    return existsSync(`${folder}index.html`) ? folder : null;
  } catch {
    return null;
  }
}

/** The names of files are plain: nothing leads out of the folder. */
const isAsset = (root: string, path: string): boolean =>
  /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.[a-z0-9]+$/.test(path) &&
  path !== 'index.html' &&
  existsSync(root + path);

function sendAsset(reply: FastifyReply, path: string): FastifyReply {
  // The names of assets change with what is in them.
  const cache = path.startsWith('assets/') ? `public, max-age=${YEAR_S}, immutable` : 'no-cache';
  return reply.header('cache-control', cache).sendFile(path);
}

/** Read anew each time: whoever works on the pages makes them anew while the server runs. */
function pageOf(root: string | null, basePath: string): string {
  if (root === null) return NOT_BUILT.replace('../v1', `${basePath}/v1`);
  return readFileSync(`${root}index.html`, 'utf8').replace(
    /<base href="[^"]*"\s*\/?>/,
    `<base href="${basePath}/ui/">`,
  );
}

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Drover</title>
<h1>The dashboard was not built</h1>
<p>This scheduler was started from sources without their pages: run <code>npm run build</code> and start it again. The API works:
see <a href="../v1/overview">the overview</a>.</p>
</html>
`;
