import { parseDuration } from '@drover/core';
import { messageOf, Pause } from '@drover/runtime';
import type { ApiClient } from '../api/api-client.js';
import { ApiUnreachableError } from '../api/errors.js';
import { withApi } from '../client.js';
import { flagArg, textArg, type Command, type Environment } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failure.js';
import { CLIENT_OPTIONS } from '../options.js';
import { contextOf } from '../settings.js';
import { readTop, type TopData } from '../top/data.js';
import { afterKey, FIRST_STATE, KEY_HELP, keysIn, type TopState } from '../top/keys.js';
import { Screen } from '../top/screen.js';
import { showTop, SORTS, type Sort } from '../top/view.js';

const DEFAULT_INTERVAL = '2s';
const LEAST_MS = 500;

export const command: Command = {
  options: {
    once: { type: 'boolean', describe: 'Print one frame and end; so it does in a pipe' },
    sort: {
      type: 'string',
      requiresArg: true,
      choices: SORTS,
      describe: 'Order of the queues: the oldest wait, tasks done, or failures first',
      defaultDescription: 'wait',
    },
    interval: {
      type: 'string',
      requiresArg: true,
      describe: 'Time between frames',
      defaultDescription: DEFAULT_INTERVAL,
    },
    ...CLIENT_OPTIONS,
  },
  details: `Shows the leader, rates, queues, workers and failures, until q is pressed. Needs the API of a scheduler.\n\nKeys:
q leave, / filter by name, p pause, s sort, ? help.`,
  examples: [
    ['drover top', 'the whole screen'],
    ['drover top --once --sort failed', 'one frame, the queue with the most failures first'],
    ['drover top --json | jq .overview.oldestPendingMs', 'for programs'],
  ],
  run: async (environment) => {
    const { args, json, stdout, stdin } = environment;
    const sort = (textArg(args, 'sort') ?? 'wait') as Sort;
    const interval = textArg(args, 'interval') ?? DEFAULT_INTERVAL;
    const intervalMs = parseDuration('--interval', interval);
    if (intervalMs < LEAST_MS) throw new UsageError(`--interval: expected ${LEAST_MS}ms or more, got '${interval}'`);
    const isOnce = flagArg(args, 'once') || json || !stdout.isTerminal || stdin.isTTY !== true;
    return withApi(
      environment,
      (api) => (isOnce ? once(environment, api, sort) : watch(environment, api, { sort, intervalMs })),
      { stopsItself: !isOnce },
    );
  },
};

async function once(environment: Environment, api: ApiClient, sort: Sort): Promise<number> {
  const { json, stdout, colors, runtime } = environment;
  const data = await readTop(api);
  if (json) await stdout.json({ at: runtime.now(), ...data });
  else {
    const columns = stdout.isTerminal ? stdout.columns : Infinity;
    const title = titleOf(environment, api);
    await stdout.line(showTop(data, { title, now: runtime.now(), sort, filter: '', rows: Infinity, columns }, colors));
  }
  return EXIT.DONE;
}

const titleOf = (environment: Environment, api: ApiClient): string =>
  contextOf(environment)?.name ?? new URL(api.url).host;

/** The part of a terminal's input that is used. */
interface Keys {
  setRawMode(on: boolean): Keys;
  setEncoding(encoding: 'utf8'): Keys;
  on(event: 'data', listener: (key: string) => void): Keys;
  off(event: 'data', listener: (key: string) => void): Keys;
  pause(): Keys;
}

/** Draws until somebody leaves; the terminal is as it was then. */
async function watch(
  environment: Environment,
  api: ApiClient,
  how: { sort: Sort; intervalMs: number },
): Promise<number> {
  const { stdin, stdout, colors, runtime, signal } = environment;
  const screen = new Screen(stdout.stream);
  const pause = new Pause();
  const title = titleOf(environment, api);
  let state: TopState = { ...FIRST_STATE, sort: how.sort };
  let data: TopData | null = null;
  let trouble = '';
  const draw = (): void => screen.draw(frameOf());
  const frameOf = (): string => {
    if (state.showsHelp) return `${colors.bold('drover top')}\n\n${KEY_HELP}`;
    const foot = footOf(state, trouble);
    if (data === null) return foot;
    const { sort, filter } = state;
    // The last two lines belong to the foot.
    const frame = { title, now: runtime.now(), sort, filter, rows: screen.rows - 2, columns: screen.columns };
    return `${showTop(data, frame, colors)}\n\n${colors.dim(foot)}`;
  };
  const onKey = (input: string): void => {
    state = keysIn(input).reduce(afterKey, state);
    if (state.isOver) pause.end();
    else draw();
  };
  const stop = (): void => pause.end();
  // A terminal, as was looked at before.
  const keys = stdin as unknown as Keys;
  keys.setRawMode(true).setEncoding('utf8').on('data', onKey);
  stdout.stream.on('resize', draw);
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!isOver()) {
      if (!state.isPaused || data === null) {
        try {
          data = await readTop(api);
          trouble = '';
        } catch (error) {
          if (data === null || !(error instanceof ApiUnreachableError)) throw error;
          trouble = `${messageOf(error)}; what is shown is old`;
        }
      }
      if (isOver()) break;
      draw();
      await pause.sleep(runtime, how.intervalMs);
    }
  } finally {
    keys.off('data', onKey).setRawMode(false).pause();
    stdout.stream.off('resize', draw);
    signal.removeEventListener('abort', stop);
    screen.close();
  }
  return EXIT.DONE;

  // Both change while it waits.
  function isOver(): boolean {
    return state.isOver || signal.aborted;
  }
}

function footOf({ isTyping, filter, isPaused, sort }: TopState, trouble: string): string {
  if (trouble !== '') return trouble;
  if (isTyping) return `/${filter}`;
  const parts = [isPaused ? 'paused' : '', filter === '' ? '' : `only names with '${filter}'`, `sorted by ${sort}`];
  return [...parts.filter(Boolean), 'q leave  / filter  p pause  s sort  ? help'].join('   ');
}
