import { faultOf } from '../submit/json-fault.js';

/** The definition that a text gives, or the reason why it gives none. */
export type Read = { spec: Record<string, unknown>; fault: null } | { spec: null; fault: string };

/** Only the outline is checked here; the leader checks the rest. Pure. */
export function readDefinition(text: string): Read {
  const fault = faultOf(text);
  if (fault !== null) return { spec: null, fault: `Line ${fault.line}, column ${fault.column}: ${fault.text}` };
  if (text.trim() === '') return { spec: null, fault: 'A definition is needed' };
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { spec: null, fault: 'A definition is an object' };
  return { spec: { ...value }, fault: null };
}

/** The definition that the form of a new schedule begins with. */
export const EXAMPLE = JSON.stringify(
  {
    when: { cron: '30 2 * * *', tz: 'Europe/Berlin' },
    run: { type: 'report', payload: {}, queue: 'default' },
    overlap: 'skip',
  },
  null,
  2,
);
