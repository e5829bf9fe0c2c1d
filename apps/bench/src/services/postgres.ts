import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findFreePorts } from '@drover/embedded';
import { systemRuntime } from '@drover/runtime';
import pg from 'pg';
import { serviceFolder } from './folder.js';
import { findProgram, installPackage, postgresFolders } from './find-program.js';

export interface PostgresServer {
  url: string;
  version: string;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const PATIENCE_MS = 5_000;

/**
 * A PostgreSQL of this run's own on loopback with its usual durability (fsync, synchronous_commit) and settings that
 * serve a queue. It refuses to run as root: there it becomes the user `postgres`. `null` where none is to be had;
 * `install`: from Debian's packages, where this process may.
 */
export async function startPostgres(install: boolean): Promise<PostgresServer | null> {
  const bin = findPostgres() ?? (install && installPackage('postgresql') ? findPostgres() : null);
  if (bin === null) return null;
  const folder = await serviceFolder('postgres');
  const user = await serverUser(folder.path);
  const data = path.join(folder.path, 'data');
  await run(path.join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8'], user);
  const [port = 0] = await findFreePorts(1, systemRuntime);
  const settings = { shared_buffers: '512MB', max_wal_size: '4GB', max_connections: '300', wal_compression: 'on' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const place = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder.path];
  const server = spawn(path.join(bin, 'postgres'), [...place, ...flags], { stdio: 'ignore', ...user });
  const ended = once(server, 'exit');
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const version = await versionOnceUp(url, () => server.exitCode === null);
  return {
    url,
    version,
    async stop() {
      // First it waits for connections that are just closing: each that it ends itself is an error at its client.
      server.kill('SIGTERM');
      const fast = setTimeout(() => server.kill('SIGINT'), PATIENCE_MS);
      await ended;
      clearTimeout(fast);
      await folder.remove();
    },
  };
}

function findPostgres(): string | null {
  const program = findProgram('postgres', [...postgresFolders(), '/usr/local/bin', '/opt/homebrew/bin']);
  return program === null ? null : path.dirname(program);
}

async function serverUser(folder: string): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
  const gid = Number(execFileSync('id', ['-g', 'postgres'], { encoding: 'utf8' }));
  await chown(folder, uid, gid);
  return { uid, gid };
}

async function versionOnceUp(url: string, alive: () => boolean): Promise<string> {
  while (alive()) {
    const client = new pg.Client(url);
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return `PostgreSQL ${rows[0]?.server_version ?? '?'}`;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  throw new Error('postgres did not start');
}
