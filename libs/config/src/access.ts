import { isIP } from 'node:net';
import {
  AUTH_METHODS,
  DISABLEABLE,
  QUEUE_GLOB,
  ROLES,
  type AuthMethod,
  type Disableable,
  type Role,
} from '@drover/core';
import { readApiTls, type ApiTls } from './api-tls.js';
import { ConfigError } from './errors.js';
import { choiceList, list, map, text, textThat, toggle, type Field } from './field.js';
import { isLoopbackHost, type Listen } from './listen.js';
import type { Resolved } from './resolve.js';
import { readSettingsFile } from './settings-file.js';
import { readTokensFile } from './tokens-file.js';

/** Roles by the exact text of a group, a subject or a name. */
export type RoleMap = Readonly<Record<string, { roles: readonly Role[]; queues: readonly string[] | null }>>;

const aPath = /^[^\0]+$/;
const A_FILE = 'the path of a file';
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const DEFAULT_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

/** The settings of who may use the API. */
export const accessFields = {
  apiAuth: choiceList(AUTH_METHODS, {
    describe:
      'How callers of the API say who they are: none, or some of token, oidc, mtls, proxy (default: none, on loopback only)',
  }),
  apiInsecure: toggle({ describe: 'Let everybody who reaches the API do everything, beyond loopback too' }),
  apiDisable: choiceList(DISABLEABLE, {
    describe: `Actions that the API lets nobody do: ${DISABLEABLE.join(', ')}`,
  }),
  apiHosts: list('host names such as drover.example.com', hostName, {
    describe: 'Names by which the API may be asked, beside that of this host and of --api-advertise',
  }),
  apiTokensFile: text(A_FILE, aPath, {
    describe: 'JSON file with tokens, beside those that drover token makes; read again when it changes',
  }),
  apiTlsCertFile: text(A_FILE, aPath, {
    describe: 'PEM file of the certificate of the API; read again when it changes',
  }),
  apiTlsKeyFile: text(A_FILE, aPath, { describe: 'PEM file of its private key; read again when it changes' }),
  apiTlsCaFile: text(A_FILE, aPath, {
    describe: 'PEM file of the certificate authorities of the other replicas',
  }),
  apiTlsClientCaFile: text(A_FILE, aPath, {
    describe: 'PEM file of the certificate authorities of callers, for mtls',
  }),
  apiMtlsRoles: roleMap('CN:web=submitter,DNS:ops.example.com=operator', {
    describe: 'Roles by name in the certificate of a caller: CN:NAME, DNS:NAME, URI:NAME, email:NAME or IP:ADDRESS',
  }),
  apiOidcIssuer: textThat('an https URL (http on loopback only)', isIssuer, {
    describe: 'Issuer of the OpenID provider, exactly as its tokens say it',
  }),
  apiOidcClientId: text('a client id', /^[\x21-\x7e]+$/, { describe: 'Client id of Drover at the OpenID provider' }),
  apiOidcClientSecretFile: text(A_FILE, aPath, {
    describe: 'File with its client secret; without it Drover is a public client',
  }),
  apiOidcAudience: text('an audience', /^[\x21-\x7e]+$/, {
    describe: 'Audience that tokens of programs must have (default: the client id)',
  }),
  apiOidcScopes: list(
    'scopes such as openid,email,groups',
    (given) => (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(given) ? given : null),
    {
      describe: 'Scopes that the sign-in asks for (default: openid,profile,email)',
    },
  ),
  apiOidcAlgorithms: choiceList(ALGORITHMS, {
    describe: `Signatures of tokens that are accepted (default: ${DEFAULT_ALGORITHMS.join(',')})`,
  }),
  apiOidcClaim: text('the name of a claim', /^[\x20-\x7e]+$/, {
    describe: 'Claim whose values give the roles: a text, or a list (default: groups)',
  }),
  apiOidcRoles: roleMap('drover-admins=admin,ops=operator+payloads,team-a=operator@a*', {
    describe: 'Roles by exact value of the claim; + adds roles, @ narrows to queues',
  }),
  apiProxyFrom: list('addresses or ranges such as 10.1.0.0/16', addressRange, {
    describe: 'Addresses of proxies whose X-Forwarded-For is believed, and with proxy who the user is',
  }),
  apiProxySecretFile: text(A_FILE, aPath, {
    describe: 'File with the text that these proxies send in the header Drover-Proxy-Secret',
  }),
  apiProxyRoles: roleMap('ops=operator,ann@example.com=admin', {
    describe: 'Roles by exact value of X-Forwarded-Groups or X-Forwarded-User',
  }),
  apiRedact: list('names of fields such as iban or *card*', (given) => (/^[^\0]{1,128}$/.test(given) ? given : null), {
    describe: 'Fields of payloads and results that the API never shows, beside those that are named as secrets',
  }),
} satisfies Record<string, Field>;

/** Plain data: it is handed to a thread. */
export interface AccessConfig {
  methods: readonly AuthMethod[];
  /** Everybody may do everything, and others than those of this machine reach it. */
  exposed: boolean;
  disable: readonly Disableable[];
  /** Beside those of the listen address and of the advertised one. */
  hosts: readonly string[];
  listen: Listen;
  tokensFile: string | null;
  tls: ApiTls | null;
  /** For requests to other replicas; null: Node's. */
  tlsCaFile: string | null;
  mtlsRoles: RoleMap;
  oidc: OidcConfig | null;
  proxy: { from: readonly string[]; secret: string | null; roles: RoleMap };
  /** Names of fields, with `*` for any text, in lower case. */
  redact: readonly string[];
}

export interface OidcConfig {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  audience: string;
  scopes: readonly string[];
  algorithms: readonly string[];
  claim: string;
  roles: RoleMap;
}

type AccessResolved = Resolved<typeof accessFields>;

/**
 * Refuses to be open: an API that others than this machine reach says who may use it, or that everybody may. Reads the
 * files that hold secrets. Throws `ConfigError`, whose message has the cure.
 */
export function toAccessConfig(resolved: AccessResolved, listen: Listen): AccessConfig {
  const { values, nameOf } = resolved;
  const methods = methodsOf(resolved, listen);
  checkParts(resolved, methods);
  const { apiTlsCertFile: certFile, apiTlsKeyFile: keyFile, apiTlsClientCaFile: clientCaFile = null } = values;
  const secretFile = values.apiProxySecretFile;
  const tls = certFile === undefined || keyFile === undefined ? null : { certFile, keyFile, clientCaFile };
  // A file that cannot be used ends the process before it connects; later the last good content stays in force.
  if (tls !== null) readApiTls(tls);
  if (values.apiTokensFile !== undefined) readTokensFile(values.apiTokensFile, nameOf('apiTokensFile'));
  if (values.apiTlsCaFile !== undefined) readSettingsFile(values.apiTlsCaFile, nameOf('apiTlsCaFile'));
  return {
    methods,
    exposed: methods.includes('none') && !isLoopbackHost(listen.host),
    disable: values.apiDisable ?? [],
    hosts: (values.apiHosts ?? []).map((host) => host.toLowerCase()),
    listen,
    tokensFile: values.apiTokensFile ?? null,
    tls,
    tlsCaFile: values.apiTlsCaFile ?? null,
    mtlsRoles: values.apiMtlsRoles ?? {},
    oidc: methods.includes('oidc') ? toOidc(resolved) : null,
    proxy: {
      from: values.apiProxyFrom ?? [],
      secret: secretFile === undefined ? null : readSecret(secretFile, nameOf('apiProxySecretFile')),
      roles: values.apiProxyRoles ?? {},
    },
    redact: (values.apiRedact ?? []).map((name) => name.toLowerCase()),
  };
}

function methodsOf({ values, nameOf }: AccessResolved, listen: Listen): readonly AuthMethod[] {
  const { apiAuth, apiInsecure = false } = values;
  const methods = apiAuth ?? ['none'];
  if (methods.includes('none') && methods.length > 1)
    throw new ConfigError([
      `${nameOf('apiAuth')}: 'none' lets everybody do everything, so the others would have no effect; leave one of them out`,
    ]);
  if (!methods.includes('none') || apiInsecure || isLoopbackHost(listen.host)) return methods;
  const { host, port } = listen;
  throw new ConfigError([
    `--api-listen ${isIP(host) === 6 ? `[${host}]` : host}:${port} is reached by other machines, and ` +
      `${apiAuth === undefined ? '--api-auth is not given' : `${nameOf('apiAuth')} is none`}, so anybody could do everything; ` +
      `say who may: --api-auth token (drover token create --name me --role admin makes the first one), ` +
      `or listen at 127.0.0.1, or accept it with --api-auth none --api-insecure`,
  ]);
}

/** The settings that each way needs, and no others: one without effect is a mistake. */
const NEEDED = {
  none: [],
  token: [],
  oidc: ['apiOidcIssuer', 'apiOidcClientId', 'apiOidcRoles'],
  mtls: ['apiTlsCertFile', 'apiTlsClientCaFile', 'apiMtlsRoles'],
  proxy: ['apiProxyFrom', 'apiProxySecretFile', 'apiProxyRoles'],
} as const satisfies Record<AuthMethod, readonly (keyof typeof accessFields)[]>;

const ONLY_WITH = {
  apiTokensFile: 'token',
  apiOidcIssuer: 'oidc',
  apiOidcClientId: 'oidc',
  apiOidcClientSecretFile: 'oidc',
  apiOidcAudience: 'oidc',
  apiOidcScopes: 'oidc',
  apiOidcAlgorithms: 'oidc',
  apiOidcClaim: 'oidc',
  apiOidcRoles: 'oidc',
  apiTlsClientCaFile: 'mtls',
  apiMtlsRoles: 'mtls',
  apiProxySecretFile: 'proxy',
  apiProxyRoles: 'proxy',
} as const satisfies Partial<Record<keyof typeof accessFields, AuthMethod>>;

function checkParts({ values, nameOf }: AccessResolved, methods: readonly AuthMethod[]): void {
  const problems: string[] = [];
  for (const method of methods) {
    const missing = NEEDED[method].filter((name) => values[name] === undefined).map((name) => nameOf(name));
    if (missing.length > 0) problems.push(`${nameOf('apiAuth')} has ${method}, which requires ${missing.join(', ')}`);
  }
  for (const [name, method] of Object.entries(ONLY_WITH) as [keyof typeof ONLY_WITH, AuthMethod][])
    if (values[name] !== undefined && !methods.includes(method))
      problems.push(`${nameOf(name)} has no effect without --api-auth ${method}`);
  const { apiTlsCertFile, apiTlsKeyFile } = values;
  if ((apiTlsCertFile === undefined) !== (apiTlsKeyFile === undefined)) {
    const [given, missing] =
      apiTlsCertFile === undefined
        ? (['apiTlsKeyFile', 'apiTlsCertFile'] as const)
        : (['apiTlsCertFile', 'apiTlsKeyFile'] as const);
    problems.push(`${nameOf(given)} requires ${nameOf(missing)}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

function toOidc({ values, nameOf }: AccessResolved): OidcConfig {
  const { apiOidcIssuer: issuer = '', apiOidcClientId: clientId = '', apiOidcClientSecretFile: file } = values;
  return {
    issuer,
    clientId,
    clientSecret: file === undefined ? null : readSecret(file, nameOf('apiOidcClientSecretFile')),
    audience: values.apiOidcAudience ?? clientId,
    scopes: values.apiOidcScopes ?? ['openid', 'profile', 'email'],
    algorithms: values.apiOidcAlgorithms ?? DEFAULT_ALGORITHMS,
    claim: values.apiOidcClaim ?? 'groups',
    roles: values.apiOidcRoles ?? {},
  };
}

function readSecret(file: string, source: string): string {
  const secret = readSettingsFile(file, source).trim();
  if (/^[\x21-\x7e]{16,}$/.test(secret)) return secret;
  throw new ConfigError([`${source}: ${file}: expected a secret of 16 or more visible characters`]);
}

function hostName(given: string): string | null {
  return /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(given) ? given : null;
}

function isIssuer(given: string): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, hostname, search, hash } = new URL(given);
  if (search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname.replace(/^\[|\]$/g, '')));
}

/** `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`. */
function addressRange(given: string): string | null {
  const [address = '', bits, ...more] = given.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return null;
  if (bits === undefined) return given;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) ? given : null;
}

/** `name=role+role@glob|glob`, separated by commas, or an object of such values. A name ends at the last `=`. */
function roleMap(example: string, about: { describe: string }): ReturnType<typeof map<RoleMap[string]>> {
  return map(`names with roles (${ROLES.join(', ')}), such as ${example}`, readRoles, about);
}

function readRoles(given: string): RoleMap[string] | null {
  const [names = '', globs, ...more] = given.split('@');
  const roles = names.split('+').map((name) => ROLES.find((role) => role === name.trim()));
  if (more.length > 0 || roles.includes(undefined)) return null;
  const queues = globs?.split('|').map((glob) => glob.trim());
  if (queues?.some((glob) => !QUEUE_GLOB.test(glob)) === true) return null;
  return { roles: [...new Set(roles as Role[])], queues: queues ?? null };
}
