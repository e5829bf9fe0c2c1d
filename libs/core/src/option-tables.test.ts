import test from 'ava';
import { InvalidArgumentError } from './errors.js';
import {
  DEFAULT_QUEUE_SETTINGS,
  changedQueueSettings,
  givenSettings,
  isDefaultSetting,
  isQueueSetting,
  QUEUE_SETTING_NAMES,
  QUEUE_SETTINGS,
} from './queues.js';
import { fits } from './shapes.js';
import { DEFAULT_TASK_OPTIONS, parseTask, sameOptions, TASK_OPTION_NAMES, TASK_OPTIONS } from './task-options.js';

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
    const { beside = {} } = TASK_OPTIONS[name] as { beside?: object };
    const plain = parseTask('t', beside);
    const with1 = parseTask('t', { ...beside, [name]: example });
    t.deepEqual(parseTask('t', beside, { [name]: example }), with1, 'defaults fill what is left out');
    t.is(sameOptions(plain.options, with1.options), apart === 'batch');
    t.true(sameOptions(with1.options, parseTask('t', { ...beside, [name]: example }).options));
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
    t.true(isDefaultSetting(name, standard));
    t.false(isDefaultSetting(name, example));
    for (const wrong of ['', { '': 1 }, [], NaN, Infinity, undefined]) t.false(isQueueSetting(name, wrong));
    if (flag !== undefined)
      t.true(isQueueSetting(name, flag.fromText(flag.example ?? JSON.stringify(example).replaceAll('"', ''))));
  });
}

test('a change of the weights of tenants keeps those that it does not name, and 1 takes one away', (t) => {
  const before = changedQueueSettings(DEFAULT_QUEUE_SETTINGS, { tenants: { acme: 3, zoo: 2 } });
  t.deepEqual(changedQueueSettings(before, { tenants: { zoo: 1, bee: 0.5 } }).tenants, { acme: 3, bee: 0.5 });
  t.deepEqual(changedQueueSettings(before, { weight: 2 }), { ...before, weight: 2 });
});

test('weights and shares as a shell writes them: garbage is passed on as it is, for the message', (t) => {
  const weights = QUEUE_SETTINGS.tenants.flag?.fromText;
  t.deepEqual(weights?.('acme=3, zoo=0.5'), { acme: 3, zoo: 0.5 });
  for (const wrong of [
    'acme',
    'acme=3,acme=4',
    'acme=3,',
    'acme=',
    '=3',
    'acme=0',
    'acme=-1',
    'acme=1e9',
    'a b=1',
    '__proto__=3',
  ])
    t.false(isQueueSetting('tenants', weights?.(wrong)), wrong);
  const share = QUEUE_SETTINGS.minShare.flag?.fromText;
  t.deepEqual([share?.('5%'), share?.('0.05'), share?.('100%')], [0.05, 0.05, 1]);
  for (const wrong of ['5 percent', '%', '101%', '-1%', '', 'NaN'])
    t.false(isQueueSetting('minShare', share?.(wrong)), wrong);
  const onDead = QUEUE_SETTINGS.onDead.flag?.fromText;
  t.deepEqual(
    [onDead?.('page'), onDead?.('ops/page:now, queue=alerts'), onDead?.('none')],
    [{ type: 'page' }, { type: 'ops/page:now', queue: 'alerts' }, null],
  );
  for (const wrong of ['', ',queue=a', 'page,alerts', 'page,queue=', 'page,queue=a b', 'page,queue=a,queue=b', 'a b'])
    t.false(isQueueSetting('onDead', onDead?.(wrong)), wrong);
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`t${n}`, 2]));
  t.false(isQueueSetting('tenants', many));
});
