import type { QueueView } from '@drover/client';
import {
  formatAmounts,
  formatDuration,
  formatWhere,
  isDefaultSetting,
  QUEUE_SETTING_NAMES,
  QUEUE_SETTINGS,
  toFlag,
  type Amounts,
  type OnDead,
  type QueueSettingName,
  type Where,
} from '@drover/core';
import type { Colors } from '../terminal/colors.js';
import { formatCount } from './format.js';
import { renderFields } from './table.js';

/** Longer lists of tenants are cut; `--json` has all. */
const MOST_TENANTS = 20;
const PART: readonly QueueSettingName[] = ['minShare'];
const TIME: readonly QueueSettingName[] = ['retainAge', 'retainDead'];

/** The settings of one queue that are not as by default, each named as the flag that changes it. */
export function showQueueSettings(queue: QueueView, colors: Colors): string {
  const fields = QUEUE_SETTING_NAMES.flatMap((name): [string, string][] => {
    const { flag } = QUEUE_SETTINGS[name];
    if (flag === undefined || isDefaultSetting(name, queue[name])) return [];
    return [[`--${flag.name ?? toFlag(name)}`, textOf(name, queue[name])]];
  });
  return fields.length === 0 ? colors.dim('all settings are as by default') : renderFields(fields, colors);
}

function textOf(name: QueueSettingName, value: QueueView[QueueSettingName]): string {
  if (Array.isArray(value)) return formatWhere(value as Where);
  if (typeof value === 'object' && value !== null) return objectText(name, value as OnDead | Amounts);
  if (typeof value !== 'number') return String(value);
  if (PART.includes(name)) return `${Number((value * 100).toFixed(6))}%`;
  return TIME.includes(name) ? formatDuration(value) : formatCount(value);
}

function objectText(name: QueueSettingName, value: OnDead | Amounts): string {
  if (isOnDead(value)) return onDeadText(value);
  return name === 'resources' ? formatAmounts(value) : weightsText(value);
}

const isOnDead = (value: object): value is OnDead => 'type' in value && typeof value.type === 'string';
const onDeadText = ({ type, queue }: OnDead): string => (queue === undefined ? type : `${type},queue=${queue}`);

function weightsText(weights: Readonly<Record<string, number>>): string {
  const each = Object.entries(weights).map(([tenant, weight]) => `${tenant}=${weight}`);
  const more = each.length - MOST_TENANTS;
  return each.slice(0, MOST_TENANTS).join(',') + (more > 0 ? ` and ${formatCount(more)} more` : '');
}
