/** The root of Drover if the connect string names no chroot. */
export const DEFAULT_ROOT = '/drover';

export interface ConnectString {
  /** `host:port[,host:port...]`. */
  hosts: string;
  /** Absolute, without a slash at the end. */
  root: string;
}

/** Takes a connect string apart; no chroot (or `/`) means `DEFAULT_ROOT`. */
export function splitConnectString(connect: string): ConnectString {
  const slash = connect.indexOf('/');
  const hosts = slash < 0 ? connect : connect.slice(0, slash);
  const root = slash < 0 ? '' : connect.slice(slash).replace(/\/+$/, '');
  return { hosts, root: root === '' ? DEFAULT_ROOT : root };
}

/** Whether servers have ports that there are, and the chroot is a path that ZooKeeper takes. Says nothing of host names. */
export function isUsableConnectString(connect: string): boolean {
  const slash = connect.indexOf('/');
  const servers = (slash < 0 ? connect : connect.slice(0, slash)).split(',');
  const parts = slash < 0 ? [] : connect.slice(slash).replace(/\/+$/, '').split('/').slice(1);
  return servers.every(hasUsablePort) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

function hasUsablePort(server: string): boolean {
  const digits = /:(\d+)$/.exec(server)?.[1];
  return digits === undefined || (Number(digits) >= 1 && Number(digits) <= 65_535);
}

/** The same servers, with the root as the chroot. */
export function withRoot(connect: string): string {
  const { hosts, root } = splitConnectString(connect);
  return hosts + root;
}

/** `/a/b/c` to `/a`, `/a/b`, `/a/b/c`: the znodes that must exist, parents first. */
export function ancestry(path: string): string[] {
  const parts = path.split('/').slice(1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}
