import { open } from 'node:fs/promises';
import type { Runtime } from '@drover/runtime';

const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** Calls `onLine` for each line that is, and that will be, in a file. Answers what ends it. */
export async function followLog(
  path: string,
  runtime: Runtime,
  onLine: (line: string) => void,
): Promise<() => Promise<void>> {
  const file = await open(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let rest = '';
  let reading = Promise.resolve();
  const read = async () => {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return;
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    }
  };
  const timer = runtime.every(POLL_MS, () => {
    reading = reading.then(read);
  });
  return async () => {
    timer.cancel();
    await reading.then(read).finally(() => file.close());
  };
}
