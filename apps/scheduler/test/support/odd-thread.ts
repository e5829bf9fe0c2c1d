import { parentPort, workerData } from 'node:worker_threads';

/** A thread in the place of the API's: says what it is told to say, and ends where that asks for it. */
const { says } = workerData as { says: readonly unknown[] };
parentPort?.on('message', (message: { kind: string }) => {
  if (message.kind === 'stop') process.exit(0);
  if (message.kind !== 'beat') parentPort?.postMessage({ kind: 'listening', url: JSON.stringify(message) });
});
for (const said of says) {
  if (said === 'throw') throw new Error('it broke');
  if (said === 'fill') fill();
  parentPort?.postMessage(said);
}

function fill(): void {
  const all: number[][] = [];
  for (;;) all.push(Array.from({ length: 1_000_000 }, (_, n) => n + 0.5));
}
