import { request as overHttp, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as overHttps, Agent as HttpsAgent } from 'node:https';

/** Requests between replicas: kept-alive connections, and the certificate authorities that the operator named. */
export class ReplicaClient {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  readonly #https: HttpsAgent;

  /** `ca`: PEM; null: those of Node. */
  constructor(ca: string | null) {
    this.#https = new HttpsAgent({ keepAlive: true, maxSockets: 64, ...(ca === null ? {} : { ca }) });
  }

  /** The answer, whatever its status. Rejects with the signal's reason and with errors of the connection. */
  open(url: URL, options: RequestOptions): Promise<IncomingMessage> {
    const { method, headers = {}, body, signal } = options;
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const more =
        body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = (secure ? overHttps : overHttp)(
        url,
        { method, signal, agent: secure ? this.#https : this.#http, headers: { ...headers, ...more } },
        resolve,
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** Status and JSON of the answer. Rejects as `open`, and where the answer is no JSON. */
  async json(url: URL, options: RequestOptions): Promise<{ status: number; json: unknown }> {
    const answer = await this.open(url, options);
    answer.setEncoding('utf8');
    let text = '';
    for await (const part of answer) text += part as string;
    return { status: answer.statusCode ?? 0, json: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

export interface RequestOptions {
  method: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
}
