import { execFile } from 'node:child_process';
import type { Via } from './api-client.js';
import { othersMay } from './contexts.js';
import { ConfigError } from './errors.js';
import { clientFields } from './fields.js';
import { resolveFields, SOURCE_KINDS, type SourceKind, type Sources } from './resolve.js';
import { readSettingsFile } from './settings-file.js';

/** How a command finds Drover. */
export interface RouteConfig {
  via: Via;
  /** The URL of the API, without a slash at its end; `null`: the record of the leader names it. */
  api: string | null;
  /** PEM; absent: Node's own authorities. */
  ca?: string;
  /** The token for the API; `null`: none. Rejects with `ConfigError`. */
  token: () => Promise<string | null>;
}

/** Throws `ConfigError`. */
export function resolveRoute(sources: Sources): RouteConfig {
  const { values, nameOf, kindOf } = resolveFields(clientFields, sources);
  const { api, via, tokenFile, tokenCommand, tlsCaFile } = values;
  const given = { api: kindOf('api'), zk: kindOf('zk'), via: via ?? null };
  const ca = tlsCaFile === undefined ? {} : { ca: readSettingsFile(tlsCaFile, nameOf('tlsCaFile')) };
  const isFile =
    tokenFile !== undefined &&
    (tokenCommand === undefined || rank(kindOf('tokenFile')) <= rank(kindOf('tokenCommand')));
  return {
    via: decideVia(given),
    api: api === undefined ? null : api.replace(/\/+$/, ''),
    ...ca,
    token: async () => {
      if (isFile) return readToken(tokenFile, nameOf('tokenFile'));
      return tokenCommand === undefined
        ? null
        : checkToken(
            await runTokenCommand(tokenCommand, nameOf('tokenCommand')),
            `${nameOf('tokenCommand')}: the command`,
          );
    },
  };
}

/** By the source of each address: the stronger one wins, and of two that are equally strong the API. Pure. */
export function decideVia({ api, zk, via }: { api: SourceKind | null; zk: SourceKind | null; via: Via | null }): Via {
  if (via !== null) return via;
  return api !== null && rank(api) <= rank(zk) ? 'api' : 'zk';
}

const rank = (kind: SourceKind | null): number => (kind === null ? SOURCE_KINDS.length : SOURCE_KINDS.indexOf(kind));

/** A token that others may read is refused, as ssh does with keys. */
function readToken(path: string, source: string): string {
  const token = readSettingsFile(path, source).trim();
  const others = othersMay(path);
  if (others !== null)
    throw new ConfigError([`${source}: others may ${others} ${path}; keep the token to yourself: chmod 600 ${path}`]);
  return checkToken(token, `${source}: ${path}`);
}

/** The longest time that a token command may take. */
const COMMAND_MS = 10_000;

function runTokenCommand(command: string, source: string): Promise<string> {
  const [shell, flag] = process.platform === 'win32' ? (['cmd.exe', '/c'] as const) : (['/bin/sh', '-c'] as const);
  return new Promise((done, fail) => {
    execFile(shell, [flag, command], { timeout: COMMAND_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      const [line = ''] = stdout.trim().split('\n');
      // Its output may hold a secret: only its last complaint is shown.
      const said = stderr.trim().split('\n').at(-1) ?? '';
      if (error === null) done(line);
      else fail(new ConfigError([`${source}: the command failed (${said || error.message}); it must print the token`]));
    });
  });
}

function checkToken(token: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ConfigError([`${what}: expected a token, one line of visible characters; 'drover token create' makes one`]);
}

/** A setting that decides how a command finds Drover, with the source that won. */
export interface EffectiveSetting {
  name: string;
  value: unknown;
  /** Such as `--zk`, `DROVER_ZK`, `settings.json: zk`, `context prod: zk`; `default`. */
  source: string;
}

/** Each setting of commands that was given, and those with a default. Throws `ConfigError`. */
export function effectiveSettings(sources: Sources): EffectiveSetting[] {
  const { values, nameOf, kindOf } = resolveFields(clientFields, sources);
  const known: Readonly<Record<string, unknown>> = values;
  return Object.entries(clientFields).flatMap(([name, field]): EffectiveSetting[] => {
    const key = name as keyof typeof clientFields;
    if (kindOf(key) !== null) return [{ name, value: known[name], source: nameOf(key) }];
    return 'default' in field ? [{ name, value: field.default, source: 'default' }] : [];
  });
}
