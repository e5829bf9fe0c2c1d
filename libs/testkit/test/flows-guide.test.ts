import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Flow } from '@drover/client';
import test from 'ava';
import { testDrover } from '../src/index.js';

type HandlerTable = Parameters<typeof testDrover>[0]['handlers'];
const GUIDE = fileURLToPath(new URL('../../../../docs/flows.md', import.meta.url));
const HERE = fileURLToPath(new URL('../../', import.meta.url));

test('the example of docs/flows.md asks a person, and goes on when it is approved', async (t) => {
  // Inside the workspace, where the package drover can be found.
  const folder = await mkdtemp(join(HERE, '.drover-example-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const blocks = (await readFile(GUIDE, 'utf8')).matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms);
  for (const [, name = '', code = ''] of blocks) await writeFile(join(folder, name), code);
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<Record<string, unknown>>;
  const { default: handlers } = (await load('handlers.mjs')) as { default: HandlerTable };
  const { nightly } = (await load('nightly.flow.mjs')) as { nightly: Flow };

  const { drover, settle, close } = await testDrover({ handlers });
  t.teardown(close);
  const run = await drover.start(nightly, { day: '2026-11-28' });
  await settle();
  const states = async () => Object.entries((await run.tree()).steps).map(([step, { state }]) => `${step} ${state}`);
  t.true((await states()).includes('publish? running'));
  await run.approve('publish?');
  t.deepEqual(await run.result(), { sum: 48 });
  t.deepEqual((await states()).slice(-4), [
    'publish succeeded',
    'discard skipped',
    'cleanup succeeded',
    'tell succeeded',
  ]);
});
