import type * as https from 'node:https';
import { isIP } from 'node:net';

/** A probe that is not answered within this time has failed. */
const PATIENCE_MS = 5_000;
const DEFAULT_URL = 'http://127.0.0.1:7373/readyz';

export interface Health {
  isWell: boolean;
  /** 0: nobody answered. */
  status: number;
  url: string;
  /** One line: what was answered, or why there was no answer. */
  text: string;
}

/** `health` and `health --url URL`; `null`: another command line. */
export async function quickHealth(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const given = urlOf(args);
  if (given === null) return null;
  const { isWell, url, text } = await probe(probeUrl(given, env));
  if (isWell) process.stdout.write(`${text}\n`);
  else process.stderr.write(`drover: ${url}: ${text}\n`);
  return isWell ? 0 : 1;
}

/** `undefined`: none was given; `null`: the arguments are others. */
function urlOf(args: readonly string[]): string | undefined | null {
  const [first, second] = args;
  if (first === undefined) return undefined;
  const url =
    args.length === 2 && first === '--url' ? second : args.length === 1 ? /^--url=(.+)$/.exec(first)?.[1] : null;
  return url !== null && url !== undefined && isProbeUrl(url) ? url : null;
}

export const isProbeUrl = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

/**
 * The URL of a probe: that which was given, else that of the process whose settings the environment has. A URL without a
 * path is asked whether it is ready. Pure.
 */
export function probeUrl(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const url = new URL(given ?? env.DROVER_HEALTH_URL ?? listenUrl(env) ?? DEFAULT_URL);
  if (url.pathname === '/') url.pathname = '/readyz';
  return url.href;
}

/** The listener for metrics and probes, else that of the API. */
function listenUrl(env: NodeJS.ProcessEnv): string | undefined {
  const { DROVER_OPS_LISTEN: ops = '', DROVER_API_LISTEN: api = '', DROVER_API_TLS_CERT_FILE: cert = '' } = env;
  if (ops !== '') return toUrl('http', ops);
  return api === '' || api === 'off' ? undefined : toUrl(cert === '' ? 'http' : 'https', api);
}

/** A process that listens everywhere listens at loopback, too. */
function toUrl(scheme: string, listen: string): string | undefined {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  const bare = host.replace(/^\[|\]$/g, '');
  const local = bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '[::1]' : isIP(bare) === 6 ? `[${bare}]` : bare;
  const url = `${scheme}://${local}:${port}/`;
  return URL.canParse(url) ? url : undefined;
}

/** One request; whatever the certificate of the process: only its state is asked for. Never rejects. */
export async function probe(url: string): Promise<Health> {
  const both = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  const { get } = both as typeof https;
  return new Promise((resolve) => {
    const end = (status: number, text: string): void => {
      resolve({ isWell: status === 200, status, url, text: text.trim().split('\n')[0] ?? '' });
    };
    const options = { timeout: PATIENCE_MS, agent: false as const, rejectUnauthorized: false };
    const request = get(url, options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body = (body + chunk).slice(0, 1_000)));
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        end(status, body.trim() === '' || status !== 200 ? `${status} ${body}` : body);
      });
      answer.on('error', (error) => end(0, error.message));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)));
    request.on('error', (error: NodeJS.ErrnoException) => end(0, error.message || error.code || error.name));
  });
}
