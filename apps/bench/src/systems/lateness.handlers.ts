import { appendFile } from 'node:fs/promises';
import { defineHandlers } from '@drover/core';
import { inBackground, uncaught } from '@drover/runtime';

const GATHER_MS = 100;
let gathered: string[] = [];

/** Writes, for each fire, its id and how late its handler began, in ms, into the file that the payload names. */
export default defineHandlers({
  late: (file: string, { fire }) => {
    const lateMs = Date.now() - Date.parse(fire?.due ?? '');
    if (gathered.length === 0) setTimeout(() => inBackground(write(file), uncaught), GATHER_MS);
    gathered.push(`${fire?.id ?? ''} ${lateMs}\n`);
  },
});

async function write(file: string): Promise<void> {
  const lines = gathered;
  gathered = [];
  await appendFile(file, lines.join(''));
}
