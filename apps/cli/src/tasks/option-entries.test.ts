import { QUEUE_SETTING_NAMES, QUEUE_SETTINGS, TASK_OPTION_NAMES, TASK_OPTIONS, flagOf, toFlag } from '@drover/core';
import test from 'ava';
import { command as queue } from '../commands/queue.js';
import { command as submit } from '../commands/submit.js';
import { parseTaskLine } from './task-line.js';

for (const name of TASK_OPTION_NAMES)
  test(`task option ${name} has a flag of submit, a field of a line under each of its names, and stands in the help`, (t) => {
    const { example, flag, beside } = TASK_OPTIONS[name] as {
      beside?: object;
      example: unknown;
      flag: { describe: string; repeats?: true };
    };
    const type = flag.repeats === true ? 'array' : 'string';
    t.like(submit.options[flagOf(name)], { type, describe: flag.describe });
    t.regex(submit.details ?? '', new RegExp(`\\b${name}\\b`));
    const task = { type: 'a', ...beside, [name]: example };
    for (const alias of [name, toFlag(name), toFlag(name).replaceAll('-', '_'), flagOf(name)])
      t.deepEqual(parseTaskLine(JSON.stringify({ type: 'a', ...beside, [alias]: example })), { task }, alias);
    t.regex(
      JSON.stringify(parseTaskLine(JSON.stringify({ type: 'a', [name]: ['['] }))),
      new RegExp(`"argument":"${name}`),
    );
  });

for (const name of QUEUE_SETTING_NAMES)
  test(`queue setting ${name} has a flag of queue, unless another command changes it`, (t) => {
    const { flag } = QUEUE_SETTINGS[name];
    t.is((flag?.name ?? toFlag(name)) in queue.options, flag !== undefined);
  });
