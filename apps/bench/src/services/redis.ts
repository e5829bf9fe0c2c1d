import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { findFreePorts } from '@drover/embedded';
import { systemRuntime } from '@drover/runtime';
import { serviceFolder } from './folder.js';
import { findProgram, installPackage } from './find-program.js';

export interface RedisServer {
  port: number;
  version: string;
  stop(): Promise<void>;
}

/**
 * A Redis of this run's own on loopback, with an append-only file. `appendfsync always` is what ZooKeeper and
 * PostgreSQL do as well: nothing is acknowledged before it is on the disk. `null` where there is no Redis to be
 * had; `install`: from Debian's packages, where this process may.
 */
export async function startRedis(appendfsync: 'always' | 'everysec', install: boolean): Promise<RedisServer | null> {
  const program = findRedis() ?? (install && installPackage('redis-server') ? findRedis() : null);
  if (program === null) return null;
  const folder = await serviceFolder('redis');
  const [port = 0] = await findFreePorts(1, systemRuntime);
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', appendfsync, '--maxmemory-policy', 'noeviction'];
  const server = spawn(program, [...settings, ...durable], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const info = await askUntilAnswered(port, 'INFO server\r\n', () => server.exitCode === null);
  return {
    port,
    version: `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? '?'}`,
    async stop() {
      server.kill('SIGTERM');
      await ended;
      await folder.remove();
    },
  };
}

const findRedis = (): string | null => findProgram('redis-server', ['/usr/local/bin', '/opt/homebrew/bin']);

async function askUntilAnswered(port: number, question: string, alive: () => boolean): Promise<string> {
  while (alive()) {
    try {
      return await ask(port, question);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('redis-server did not start');
}

async function ask(port: number, question: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(question);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
