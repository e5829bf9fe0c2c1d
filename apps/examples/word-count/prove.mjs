import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareWithShell } from './compare.mjs';
import { text } from './make-text.mjs';

/**
 * node prove.mjs [MEBIBYTES] [--zk ADDRESS]: makes that much text, counts its words with real schedulers and workers, and
 * compares with `sort | uniq -c`. `--zk`: a ZooKeeper that is there; default: one is started.
 */
const { values, positionals } = parseArgs({ options: { zk: { type: 'string' } }, allowPositionals: true });
const mebibytes = Number(positionals[0] ?? 200);
if (!(mebibytes > 0) || positionals.length > 1) {
  console.error('usage: node prove.mjs [MEBIBYTES] [--zk ADDRESS]');
  process.exit(2);
}

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const drover = fileURLToPath(new URL('../../cli/bin/drover.js', import.meta.url));
const bytes = Math.round(mebibytes * 1024 * 1024);
const folder = await mkdtemp(path.join(tmpdir(), 'drover-words-'));
const data = path.join(folder, 'text');
try {
  const files = await makeFiles();
  const began = performance.now();
  const result = await withDrover((address) => count(address));
  console.log(
    `counted ${result.words} words of ${mebibytes} MiB in ${secondsSince(began)} s, start of Drover included`,
  );
  const compared = performance.now();
  const distinct = await compareWithShell(files, result.file);
  console.log(`sort | uniq -c says the same of all ${distinct} distinct words (${secondsSince(compared)} s)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Most of it is plain text. The others have what is hard for those who cut files into pieces. */
async function makeFiles() {
  await mkdir(data);
  const paths = ['plain', 'empty', 'one-line', 'letters'].map((name) => path.join(data, `${name}.txt`));
  const [plain, empty, oneLine, letters] = paths;
  await pipeline(text(Math.round(bytes * 0.7)), createWriteStream(plain));
  await writeFile(empty, '');
  await writeFile(oneLine, 'one long line '.repeat(Math.round((bytes * 0.2) / 14)));
  // Characters of one to four bytes, and of no whole number in a piece.
  await writeFile(letters, 'größe ☃ naïve 🙂 日本語 x\n'.repeat(Math.round((bytes * 0.1) / 39)));
  return paths;
}

/** Runs `work` with the address of a Drover, whose workers have the handlers. */
async function withDrover(work) {
  const args = ['dev', '--json', '--schedulers', '1', '--workers', '2', '--handlers', here('handlers.mjs')];
  const dev = spawn(process.execPath, [drover, ...args, ...(values.zk === undefined ? [] : ['--zk', values.zk])], {
    cwd: folder,
    env: { ...process.env, DROVER_API_LISTEN: 'off' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(dev, 'exit');
  try {
    const lines = createInterface({ input: dev.stdout })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    if (value === undefined) throw new Error('drover dev did not start: run it by hand to see why');
    return await work(JSON.parse(value).zk);
  } finally {
    dev.kill('SIGINT');
    await ended;
  }
}

async function count(address) {
  const input = { source: `folder:${data}`, out: path.join(folder, 'out'), splitMiB: mebibytes / 12.5 };
  const args = ['flow', 'start', here('word-count.flow.mjs'), '--input', JSON.stringify(input), '--wait', '--json'];
  const child = spawn(process.execPath, [drover, ...args, '--zk', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`drover flow start ended with ${code}`);
  return JSON.parse(printed).result;
}

function secondsSince(began) {
  return ((performance.now() - began) / 1_000).toFixed(1);
}
