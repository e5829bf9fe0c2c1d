import {
  InvalidArgumentError,
  QUEUE_SETTINGS,
  QUEUE_SETTING_NAMES,
  formatAmounts,
  formatDuration,
  formatWhere,
  isDefaultSetting,
  isQueueSetting,
  type Amounts,
  type QueueSettingName,
  type QueueSettings,
  type Where,
} from '@drover/core';

/** Settings that a form can change; `paused` has buttons of its own. */
export const EDITABLE: readonly QueueSettingName[] = QUEUE_SETTING_NAMES.filter((name) => flagOf(name) !== undefined);

interface Flag {
  readonly describe: string;
  readonly example?: string;
  readonly fromText: (text: string) => unknown;
}
export function flagOf(name: QueueSettingName): Flag | undefined {
  const entry: { readonly flag?: Flag } = QUEUE_SETTINGS[name];
  return entry.flag;
}

/** Names as people write them: `maxRunningPerTenant` is "max running per tenant". */
export const labelOf = (name: QueueSettingName): string => {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** A value as text that the field of a form takes back. */
export function textOf<Name extends QueueSettingName>(name: Name, value: QueueSettings[Name]): string {
  if (value === null) return name.startsWith('retain') ? 'default' : 'none';
  if (name === 'retainAge' || name === 'retainDead') return formatDuration(value as number);
  if (name === 'minShare') return `${(value as number) * 100}%`;
  if (name === 'tenants') {
    const weights = Object.entries(value as Record<string, number>);
    return weights.map(([tenant, weight]) => `${tenant}=${weight}`).join(',');
  }
  if (name === 'resources') return formatAmounts(value as Amounts);
  if (name === 'where') return formatWhere(value as Where);
  if (name === 'onDead') {
    const { type, queue } = value as { type: string; queue?: string };
    return queue === undefined ? type : `${type},queue=${queue}`;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export interface SettingChange {
  readonly name: QueueSettingName;
  readonly before: string;
  readonly after: string;
  readonly value: unknown;
}
export interface SettingFault {
  readonly name: QueueSettingName;
  readonly text: string;
}

/** The changes that the texts of a form make. A text that is no value is a fault that says what is expected. Pure. */
export function changesOf(
  settings: Readonly<QueueSettings>,
  texts: Readonly<Partial<Record<QueueSettingName, string>>>,
): { changes: SettingChange[]; faults: SettingFault[] } {
  const changes: SettingChange[] = [];
  const faults: SettingFault[] = [];
  for (const name of EDITABLE) {
    const before = textOf(name, settings[name]);
    const after = texts[name]?.trim();
    if (after === undefined || after === before) continue;
    const value = readable(() => valueOf(name, after, settings));
    if (value instanceof InvalidArgumentError) faults.push({ name, text: value.message });
    else if (isQueueSetting(name, value))
      changes.push({ name, before: before || 'none', after: after || 'none', value });
    else faults.push({ name, text: `'${after}' is not ${QUEUE_SETTINGS[name].expected}` });
  }
  return { changes, faults };
}

/** The value, or what is wrong with its text. */
function readable(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
}

/** Tenants are changed by name: one that the text no longer names gets the weight 1, which takes it away. */
function valueOf(name: QueueSettingName, text: string, settings: Readonly<QueueSettings>): unknown {
  if (name !== 'tenants') return flagOf(name)?.fromText(text);
  const given = text === '' ? {} : flagOf(name)?.fromText(text);
  if (typeof given !== 'object' || given === null) return given;
  const gone = Object.keys(settings.tenants).filter((tenant) => !(tenant in given));
  return { ...Object.fromEntries(gone.map((tenant) => [tenant, 1])), ...given };
}

/** Those that say something: not as by default. */
export const isSet = (settings: Readonly<QueueSettings>, name: QueueSettingName): boolean =>
  !isDefaultSetting(name, settings[name]);
