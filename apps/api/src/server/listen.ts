import type { ApiConfig } from '@drover/config';
import { DroverError } from '@drover/core';
import { messageOf } from '@drover/runtime';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** Thrown when the address cannot be listened at. */
export class ApiListenError extends DroverError {
  override readonly name = 'ApiListenError';
  override readonly category = 'usage';
}

/** `url` leads here from this machine, `advertised` from others. Both end with the base path. */
export interface Listening {
  url: string;
  advertised: string;
}

/** Listens; at any free port where the address was not given and is in use. Rejects with `ApiListenError`. */
export async function listenAt(
  server: FastifyInstance,
  { listen, anyPort, basePath, access }: ApiConfig,
): Promise<Listening> {
  const { host, port } = listen;
  try {
    await server.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' || !anyPort || port === 0) {
      const why = code === 'EADDRINUSE' ? 'the port is in use; choose another with --api-listen' : messageOf(cause);
      throw new ApiListenError(`the API cannot listen at ${host}:${port}: ${why}`, { cause });
    }
    await server.listen({ host, port: 0 });
  }
  const taken = (server.server.address() as AddressInfo).port;
  const urlAt = (name: string): string =>
    `${access.tls === null ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${taken}${basePath}`;
  const isEvery = host === '0.0.0.0' || host === '::';
  return { url: urlAt(isEvery ? '127.0.0.1' : host), advertised: urlAt(isEvery ? addressOfHost() : host) };
}

/** The address by which others most likely reach this host: `--api-advertise` says another one. */
function addressOfHost(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? hostname();
}
