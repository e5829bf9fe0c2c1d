import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  SHORT_LIVED_JVM,
  startEnsemble,
  startZooKeeper,
  type CommonOptions,
  type ZooKeeperEnsemble,
  type ZooKeeperServer,
} from '@drover/embedded';
import { FaultProxy } from '../proxy/fault-proxy.js';
import { PlainSession } from './plain-session.js';
import { sharedZooKeeper } from './shared-server.js';

/** The part of ava's `t` that the helpers use, to undo their work after the test. */
export interface Teardown {
  teardown(undo: () => void | Promise<void>): void;
}

export interface TestZooKeeper {
  /** The connect string for clients, `host:port/chroot`. The chroot exists, is empty and belongs to this test alone. */
  connect: string;
  /** `host:port`. */
  address: string;
  /** `/drover-test/<unique>`. */
  chroot: string;
}

/** A chroot of its own, for each test, on the ZooKeeper that all tests share; removed after the test. */
export async function testZooKeeper(t: Teardown): Promise<TestZooKeeper> {
  return chrootOn(t, await sharedZooKeeper());
}

/** The same behind a proxy of its own that can be told to misbehave. `connect` leads through the proxy. */
export async function testZooKeeperBehindProxy(t: Teardown): Promise<TestZooKeeper & { proxy: FaultProxy }> {
  const direct = await testZooKeeper(t);
  const proxy = await testProxy(t, direct.address);
  return { ...direct, connect: proxy.address + direct.chroot, proxy };
}

/** A proxy before `target` (`host:port`), stopped after the test. */
export async function testProxy(t: Teardown, target: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(target);
  t.teardown(() => proxy.stop());
  return proxy;
}

async function chrootOn(t: Teardown, address: string): Promise<TestZooKeeper> {
  const chroot = `/drover-test/${randomUUID()}`;
  await withSession(address, (session) => session.createAll(chroot));
  t.teardown(() => withSession(address, (session) => session.removeAll(chroot)));
  return { connect: address + chroot, address, chroot };
}

async function withSession(address: string, work: (session: PlainSession) => Promise<void>): Promise<void> {
  const session = await PlainSession.open(address);
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

export interface TestServerOptions {
  /** Default 200: session timeouts between 400 ms and 4 s. */
  tickTimeMs?: number;
  /** Further lines of zoo.cfg. */
  settings?: Readonly<Record<string, string>>;
  javaArguments?: readonly string[];
}

const serverOptions = ({ javaArguments = [], ...options }: TestServerOptions): Omit<CommonOptions, 'dataDir'> => ({
  tickTimeMs: 200,
  heapMb: 256,
  ...options,
  javaArguments: [...SHORT_LIVED_JVM, ...javaArguments],
});

/** A server for this test alone, to be hurt. Prefer `testZooKeeper`: this one takes a second to start. */
export async function testServer(t: Teardown, options: TestServerOptions = {}): Promise<ZooKeeperServer> {
  const dataDir = await testFolder(t);
  const server = await startZooKeeper({ ...serverOptions(options), dataDir });
  t.teardown(() => server.kill());
  return server;
}

/** Three servers for this test alone, each to be killed, paused and restarted. They take some seconds to start. */
export async function testEnsemble(t: Teardown, options: TestServerOptions = {}): Promise<ZooKeeperEnsemble> {
  const dataDir = await testFolder(t);
  const ensemble = await startEnsemble({ ...serverOptions(options), dataDir });
  t.teardown(() => ensemble.kill());
  return ensemble;
}

/** An empty folder, removed after the test: ava runs teardowns last first, so processes in it are gone by then. */
export async function testFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
