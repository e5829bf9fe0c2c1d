import { Agent, get, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';

/** Somebody who looks through the API, over connections that stay open. */
export class HttpViewer {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  readonly #streams = new Set<IncomingMessage>();

  constructor(url: string) {
    this.#url = url;
  }

  /** Somebody else who looks at the same. */
  another(): HttpViewer {
    return new HttpViewer(this.#url);
  }

  /** The body of the answer. Rejects where it is no 200. */
  async read(path: string): Promise<string> {
    const answer = await this.#get(path);
    let body = '';
    for await (const chunk of answer.setEncoding('utf8')) body += chunk as string;
    if (answer.statusCode !== 200) throw new Error(`${path} was answered with ${answer.statusCode}: ${body}`);
    return body;
  }

  /** Sends a document and returns the document of the answer. Rejects where it is no success. */
  async send(path: string, document: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.#url}${path}`, { method: 'POST', headers, body: JSON.stringify(document) });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${body}`);
    return JSON.parse(body);
  }

  /** Milliseconds that each of `count` requests took, one after the other. */
  async times(path: string, count: number): Promise<number[]> {
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      const begunAt = performance.now();
      await this.read(path);
      times.push(performance.now() - begunAt);
    }
    return times;
  }

  /** Opens a stream of events, and reads it until `close`. Resolves when it has begun. */
  async follow(path: string): Promise<void> {
    const stream = await this.#get(path, { accept: 'text/event-stream' });
    if (stream.statusCode !== 200) throw new Error(`${path} was answered with ${stream.statusCode}`);
    this.#streams.add(stream);
    stream.resume().on('error', () => undefined);
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#agent.destroy();
  }

  #get(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get(`${this.#url}${path}`, { agent: this.#agent, headers }, resolve).on('error', reject);
    });
  }
}
