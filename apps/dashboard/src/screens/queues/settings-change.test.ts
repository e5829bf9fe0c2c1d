import test from 'ava';
import { DEFAULT_QUEUE_SETTINGS, QUEUE_SETTINGS } from '@drover/core';
import { changesOf, EDITABLE, labelOf, textOf } from './settings-change.js';

test('the text of every setting is read back as the same value', (t) => {
  for (const name of EDITABLE) {
    const settings = { ...DEFAULT_QUEUE_SETTINGS, [name]: QUEUE_SETTINGS[name].example };
    t.deepEqual(changesOf(settings, { [name]: textOf(name, settings[name]) }).changes, [], name);
    const [change] = changesOf(DEFAULT_QUEUE_SETTINGS, { [name]: textOf(name, settings[name]) }).changes;
    t.deepEqual(change?.value, QUEUE_SETTINGS[name].example, name);
  }
});

test('only what is changed is told, with both values', (t) => {
  const { changes, faults } = changesOf(DEFAULT_QUEUE_SETTINGS, { priority: '5', weight: '1', maxRunning: 'none' });
  t.deepEqual(changes, [{ name: 'priority', before: '0', after: '5', value: 5 }]);
  t.deepEqual(faults, []);
});

test('a text that is no value is a fault that says what is expected', (t) => {
  const { faults } = changesOf(DEFAULT_QUEUE_SETTINGS, { weight: 'heavy' });
  t.deepEqual(faults, [{ name: 'weight', text: "'heavy' is not a number above 0" }]);
  const [fault] = changesOf(DEFAULT_QUEUE_SETTINGS, { resources: 'cpu=many' }).faults;
  t.regex(fault?.text ?? '', /resources\.cpu: expected a number from 0/);
});

test('a tenant that is no longer named gets the weight 1', (t) => {
  const settings = { ...DEFAULT_QUEUE_SETTINGS, tenants: { acme: 3, zoo: 2 } };
  t.deepEqual(changesOf(settings, { tenants: 'zoo=4' }).changes[0]?.value, { acme: 1, zoo: 4 });
  t.deepEqual(changesOf(settings, { tenants: '' }).changes[0]?.value, { acme: 1, zoo: 1 });
});

test('names are shown as words', (t) => {
  t.is(labelOf('maxRunningPerTenant'), 'Max running per tenant');
});
