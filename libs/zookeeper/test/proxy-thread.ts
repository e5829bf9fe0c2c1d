import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { FaultProxy, type SessionCredentials, type Teardown } from '@drover/testing';

/**
 * Proxies in a thread of their own, for a client that blocks the event loop while it waits for an answer: a proxy in the
 * same thread could not bring it. This file is both sides; each question is answered by one message with its number.
 */
interface Question {
  id: number;
  proxy: number;
  ask: 'start' | 'cut' | 'sessions' | 'stop';
  target?: string;
}
interface Answer {
  id: number;
  address?: string;
  sessions?: SessionCredentials[];
}

export interface RemoteProxy {
  /** `host:port`. */
  address: string;
  cut(): Promise<void>;
  sessions(): Promise<SessionCredentials[]>;
}

let worker: Worker | null = null;
let asked = 0;
let proxies = 0;
const waiting = new Map<number, (answer: Answer) => void>();

export async function testProxyInThread(t: Teardown, target: string): Promise<RemoteProxy> {
  const proxy = ++proxies;
  const { address = '' } = await question({ proxy, ask: 'start', target });
  t.teardown(async () => {
    await question({ proxy, ask: 'stop' });
  });
  return {
    address,
    cut: async () => {
      await question({ proxy, ask: 'cut' });
    },
    sessions: async () => {
      const { sessions = [] } = await question({ proxy, ask: 'sessions' });
      return sessions.map((session) => ({ ...session, password: Buffer.from(session.password) }));
    },
  };
}

function question(rest: Omit<Question, 'id'>): Promise<Answer> {
  worker ??= startWorker();
  // While somebody waits for an answer the thread keeps the process alive.
  worker.ref();
  const id = ++asked;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker?.postMessage({ id, ...rest } satisfies Question);
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL(import.meta.url));
  started.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
    if (waiting.size === 0) started.unref();
  });
  return started;
}

function serve(port: NonNullable<typeof parentPort>): void {
  const running = new Map<number, FaultProxy>();
  const answer = async ({ id, proxy, ask, target = '' }: Question): Promise<Answer> => {
    if (ask === 'start') {
      const started = await FaultProxy.start(target);
      running.set(proxy, started);
      return { id, address: started.address };
    }
    const it = running.get(proxy);
    if (ask === 'cut') it?.cut();
    else if (ask === 'stop') await it?.stop();
    return { id, sessions: it?.sessions ?? [] };
  };
  port.on('message', (asking: Question) => {
    void answer(asking).then((answered) => port.postMessage(answered));
  });
}

if (!isMainThread && parentPort !== null) serve(parentPort);
