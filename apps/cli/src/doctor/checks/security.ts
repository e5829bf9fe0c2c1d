import { formatElapsed } from '../../views/format.js';
import { given, judged, problem, unlessTrying, type Check, type Problem } from '../check.js';

const ACCESS = 'docs/operations.md#who-may-use-a-root';
const API = 'docs/security.md';
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const CERTIFICATE_MS = 21 * DAY_MS;

/** Whether a URL, or an address, is of this machine only. */
export const isLoopback = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(URL.canParse(url) ? new URL(url).hostname : url);

export const SECURITY_CHECKS: readonly Check[] = [
  {
    code: 'open-root',
    area: 'security',
    severity: 'warn',
    means:
      'Everybody who reaches ZooKeeper may read every payload, and submit tasks, which means running your handlers.',
    cure: 'start a new root with credentials (--zk-auth-file), and let the old one run empty',
    link: ACCESS,
    judge: ({ session, connection }) =>
      given(session, ({ rootAcl }) => {
        if (rootAcl === null) return { skipped: 'there is no root' };
        const world = rootAcl.find(({ scheme }) => scheme === 'world');
        if (world === undefined) return { ok: 'the root is closed to strangers' };
        if (connection.auth.length > 0)
          return problem('the root is open to everybody, although credentials are given', { severity: 'fail' });
        return problem('the root is open to everybody', { severity: unlessTrying(connection.loopback) });
      }),
  },
  {
    code: 'digest-without-tls',
    area: 'security',
    severity: 'fail',
    means: 'Credentials go to ZooKeeper as plain text: whoever sees the traffic has them.',
    cure: 'use TLS to ZooKeeper: --zk-tls-ca-file, and the port of its secureClientPort',
    link: 'docs/operations.md#tls-and-credentials',
    judge: ({ connection: { auth, tls, loopback } }) => {
      if (!auth.includes('digest')) return { ok: 'no passwords are sent' };
      if (tls) return { ok: 'by TLS' };
      return loopback
        ? { ok: 'on this machine only' }
        : problem('the credentials of --zk-auth-file are sent without TLS');
    },
  },
  {
    code: 'exposed-secrets',
    area: 'security',
    severity: 'fail',
    means: 'A file with a secret may be read, or written, by others on this machine.',
    cure: 'keep it to yourself: chmod 600 FILE',
    link: API,
    judge: ({ exposedFiles }) =>
      judged(
        exposedFiles.map(({ path, setting, others }) => ({
          text: `others may ${others} ${path} (${setting})`,
          cure: `chmod 600 ${path}`,
        })),
        'files with secrets are readable by their owner only',
      ),
  },
  {
    code: 'open-api',
    area: 'security',
    severity: 'fail',
    means: 'The API of a scheduler can be reached from other machines, and asks nobody who they are.',
    cure: 'start the schedulers with --api-auth token, or with --api-listen 127.0.0.1:7373',
    link: API,
    judge: ({ api }) =>
      given(api, ({ auth, replicas, url }) => {
        const open = replicas.filter((replica) => !isLoopback(replica.url));
        if (!auth.includes('none')) return { ok: `callers sign in by ${auth.join(', ')}` };
        if (open.length === 0 && isLoopback(url)) return { ok: 'on this machine only' };
        const who = open.length === 0 ? url : open.map(({ id, url: theirs }) => `${id} at ${theirs}`).join(', ');
        return problem(`without authentication: ${who}`);
      }),
  },
  {
    code: 'plain-api',
    area: 'security',
    severity: 'warn',
    means: 'Tokens travel to the API as plain text.',
    cure: 'give the schedulers a certificate: --api-tls-cert-file and --api-tls-key-file',
    link: API,
    judge: ({ api }) =>
      given(api, ({ auth, replicas }) => {
        const plain = replicas.filter(({ url }) => url.startsWith('http:') && !isLoopback(url));
        if (auth.every((method) => method === 'none')) return { ok: 'no tokens are sent' };
        return judged(
          plain.map(({ id, url }) => ({ text: `${id} answers at ${url}` })),
          'by TLS, or on this machine only',
        );
      }),
  },
  {
    code: 'tokens',
    area: 'security',
    severity: 'warn',
    means: 'A token of the API never expires, or will within a week.',
    cure: 'make another one with --expires 90d, and revoke it',
    link: API,
    judge: ({ tokens, now }) =>
      given(tokens, (all) => {
        const problems = all.flatMap(({ name, id, expiresAt }): Problem[] => {
          if (expiresAt === null) return [{ text: `${name} (${id}) never expires` }];
          if (expiresAt - now > WEEK_MS) return [];
          const left = expiresAt - now;
          return [{ text: `${name} (${id}) ${left > 0 ? `expires in ${formatElapsed(left)}` : 'has expired'}` }];
        });
        return judged(problems, all.length === 0 ? 'there are none' : `${all.length}, and none of them expires soon`);
      }),
  },
  {
    code: 'certificates',
    area: 'security',
    severity: 'warn',
    means: 'A certificate will end within three weeks, or has ended.',
    cure: 'renew it, and replace the file: it is read again without a restart',
    link: API,
    judge: ({ certificates, now }) => {
      if (certificates.length === 0) return { skipped: 'nothing that was asked uses TLS' };
      const soon = certificates.filter(({ validTo }) => validTo - now < CERTIFICATE_MS);
      return judged(
        soon.map(({ what, validTo }): Problem => {
          const left = validTo - now;
          const severity = left > 0 ? ('warn' as const) : ('fail' as const);
          return { text: `${what}: ${left > 0 ? `ends in ${formatElapsed(left)}` : 'has ended'}`, severity };
        }),
        `the first of ${certificates.length} ends in ${formatElapsed(Math.min(...certificates.map(({ validTo }) => validTo)) - now)}`,
      );
    },
  },
  {
    code: 'shell-for-submitters',
    area: 'security',
    severity: 'warn',
    means: 'Workers run any program (shell), and tokens allow others to submit tasks: they may run what they like.',
    cure: 'offer shell only where it is needed (--builtin), and bind tokens to queues: drover token create --queues',
    link: API,
    judge: ({ cluster, tokens }) =>
      given(cluster, ({ status: { workers } }) => {
        const offering = workers.filter(({ types }) => types.includes('shell'));
        if (offering.length === 0) return { ok: 'no worker offers shell' };
        return given(tokens, (all) => {
          const free = all.filter(({ roles, queues }) => roles.includes('submitter') && queues === null);
          return judged(
            free.map(({ name, id }) => ({
              text: `${name} (${id}) may submit to every queue, and ${offering[0]?.name ?? ''} offers shell`,
            })),
            'no token may submit everywhere',
          );
        });
      }),
  },
];
