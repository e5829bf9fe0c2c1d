import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import {
  DEFAULT_QUEUE_SETTINGS,
  givenSettings,
  isQueueSetting,
  QUEUE_SETTING_NAMES,
  QUEUE_SETTINGS,
} from './queues.js';
import { fits } from './shapes.js';
import { DEFAULT_TASK_OPTIONS, parseTask, sameOptions, TASK_OPTION_NAMES, TASK_OPTIONS } from './task-options.js';

const plain = parseTask('t', {});

for (const name of TASK_OPTION_NAMES) {
  const { apart, default: standard, example, field, flag, parse, shape } = TASK_OPTIONS[name];
  test(`task option ${name}: its default and its example are what records may hold, and nothing else passes`, (t) => {
    t.true(fits(shape, standard));
    const given = parse(name, example);
    t.true(fits(shape, given), JSON.stringify(given));
    t.notDeepEqual(given, standard, 'an example that is the default shows nothing');
    for (const wrong of [Symbol('no value'), () => undefined, NaN, ['[']])
      t.is(t.throws(() => parse(name, wrong), { instanceOf: InvalidArgumentError }).argument.split('.')[0], name);
    t.true(flag.describe !== '');
  });

  test(`task option ${name}: tasks that differ in it are kept apart as the table says`, (t) => {
    const with1 = parseTask('t', { [name]: example });
    t.deepEqual(parseTask('t', {}, { [name]: example }), with1, 'defaults fill what is left out');
    t.is(sameOptions(plain.options, with1.options), apart === 'batch');
    t.true(sameOptions(with1.options, parseTask('t', { [name]: example }).options));
    t.is(plain.queue === with1.queue, apart !== 'batch');
    t.is(field in DEFAULT_TASK_OPTIONS, apart !== 'batch');
  });
}

for (const name of QUEUE_SETTING_NAMES) {
  const { default: standard, example, flag } = QUEUE_SETTINGS[name];
  test(`queue setting ${name}: its default and its example are values of it, and garbage is none`, (t) => {
    t.true(isQueueSetting(name, standard));
    t.true(isQueueSetting(name, example));
    t.not(DEFAULT_QUEUE_SETTINGS[name], example);
    t.deepEqual(givenSettings({ [name]: example }), { [name]: example });
    for (const wrong of ['', {}, NaN, Infinity, undefined]) t.false(isQueueSetting(name, wrong));
    if (flag !== undefined) t.true(isQueueSetting(name, flag.fromText(String(example))));
  });
}
