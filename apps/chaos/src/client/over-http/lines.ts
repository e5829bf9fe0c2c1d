import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { TaskId } from '@drover/core';

export interface LineReply {
  id: TaskId;
  deduplicated?: boolean;
}

/**
 * Sends one task a line and yields the answers as they come, each when its task is durable. Rejects when the stream breaks off
 * before every line is answered: nobody knows then whether the next ones are durable.
 */
export async function* sendLines(url: string, inputs: Iterable<object>): AsyncGenerator<LineReply> {
  const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on('response', resolve);
    asked.on('error', reject);
  });
  let sent = 0;
  const lines = function* (): Generator<string> {
    for (const input of inputs) {
      sent++;
      yield `${JSON.stringify(input)}\n`;
    }
  };
  Readable.from(lines()).pipe(asked);
  try {
    let received = 0;
    for await (const reply of repliesIn(await answered)) {
      received++;
      yield reply;
    }
    if (received < sent) throw new Error(`the stream ended after ${received} of ${sent} lines`);
  } finally {
    asked.destroy();
  }
}

async function* repliesIn(answer: IncomingMessage): AsyncGenerator<LineReply> {
  if (answer.statusCode !== 200) throw new Error(`the stream was refused with ${answer.statusCode}`);
  answer.setEncoding('utf8');
  let rest = '';
  for await (const chunk of answer as AsyncIterable<string>) {
    const texts = (rest + chunk).split('\n');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const reply = JSON.parse(text) as LineReply & { error?: unknown };
      if (reply.error !== undefined) throw new Error(text);
      yield reply;
    }
  }
}
