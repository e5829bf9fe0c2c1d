import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { devCluster, WITH_API } from './dev-cluster.js';
import { documents, testFolder, type Ended } from './drover.js';
import { runHere } from './run-here.js';

const HANDLERS = `export default {
  double: (n) => 2 * n,
  add: ({ results }) => results.reduce((all, each) => all + each, 0),
  flush: () => 'flushed',
};`;
const PLAN = {
  ...{ v: 1, name: 'ask' },
  steps: {
    first: { kind: 'task', type: 'double', input: 2 },
    'sure?': { kind: 'signal', answers: ['yes', 'no'], after: { all: [{ step: 'first' }] } },
  },
  output: { $step: 'first', at: [] },
};

/** Fields may stand in another order. */
const inOrder = (json: string): string =>
  JSON.stringify(JSON.parse(json), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

test('runs, maps and broadcasts answer the same by ZooKeeper and by the API', async (t) => {
  const folder = await testFolder(t);
  const [handlers, plan] = [join(folder, 'handlers.mjs'), join(folder, 'ask.json')];
  await writeFile(handlers, HANDLERS);
  await writeFile(plan, JSON.stringify(PLAN));
  const { dev, here } = await devCluster(t, ['--handlers', handlers, '--schedulers', '1'], WITH_API);
  let url: string | undefined;
  while (url === undefined) {
    const [status] = documents((await here('status', '--json')).stdout) as { leader: { api?: string } | null }[];
    url = status?.leader?.api;
  }
  const all = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
    const texts: string[] = [];
    const says = async (args: string[], input = ''): Promise<Ended> => {
      const ended = await runHere(args, env, input);
      texts.push(
        `${args.filter((each) => !each.startsWith('/')).join(' ')}: ${ended.code} ${ended.stdout} ${ended.stderr}`,
      );
      return ended;
    };
    const run = (await says(['flow', 'start', plan])).stdout.trim();
    while (!(await runHere(['flow', 'tree', run], env)).stdout.includes('waits for yes or no'));
    await says(['flow', 'approve', run, 'nothing']);
    await says(['flow', 'signal', run, 'sure?', 'maybe']);
    await says(['flow', 'approve', run, 'sure?', '--json', '--reason', 'fine']);
    while (!(await runHere(['flow', 'get', run], env)).stdout.includes('succeeded after'));
    await says(['flow', 'cancel', run, '--json']);
    await says(['flow', 'get', run, '--json']);
    await says(['flow', 'get', '01JD3V8R2MZ6K4Q7T9XBYC5HNB.0']);
    await says(['map', 'double', '--from', '-', '--reduce', 'add', '--arity', '2', '--wait'], '1\n2\n3\n');
    await says(['map', 'double', '--from', '-'], '1\n{\n');
    const sent = await says(['broadcast', 'flush', '--wait', '--json', '--joiners', '1h']);
    t.is(documents(sent.stdout).length, 2, sent.stderr);
    await says(['broadcast', 'nosuch', '--wait']);
    const id = String(documents((await says(['broadcasts', 'ls', '--json', '--limit', '1'])).stdout)[0]?.id);
    await says(['broadcasts', 'cancel', id, '--reason', 'wrong']);
    while (documents((await runHere(['broadcasts', 'get', id, '--json'], env)).stdout)[0]?.state !== 'finished');
    await says(['broadcasts', 'cancel', id]);
    await says(['broadcasts', 'get', id, '--json']);
    return texts;
  };
  const same = (texts: readonly string[]): string[] =>
    texts
      .map((text) => text.replace(/"(\w*[aA]t|until|via|by|client)":("[^"]*"|\d+)/g, '"$1":0'))
      .map((text) => text.replace(/ \[[a-z-]+\]/g, '').replace(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, '#'))
      .map((text) => text.replace(/\{".*\}/, inOrder))
      // Which of the workers ends first is chance, and so is the task that is told first.
      .map((text) => text.replace(/"task":"#\.\d","worker":"w[12]".*/gs, ''));
  const byZooKeeper = await all({ DROVER_ZK: dev.zk });
  const byApi = await all({ XDG_CONFIG_HOME: folder, DROVER_API: url });
  t.deepEqual(same(byApi), same(byZooKeeper));
  t.regex(byApi.find((text) => text.startsWith('map double')) ?? '', /: 0 12\n/);
});
