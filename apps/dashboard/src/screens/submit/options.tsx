import { TASK_OPTIONS, TASK_OPTION_NAMES, type TaskOptionName } from '@drover/core';
import type { JSX } from 'preact';
import { Field } from '../../ui/field.js';
import type { Draft } from './draft.js';
import { faultOfOption } from './option-fault.js';
import { withOption } from './known.js';

const OFTEN: readonly TaskOptionName[] = ['delay', 'maxAttempts', 'timeout', 'key'];
const SELDOM = TASK_OPTION_NAMES.filter((name) => name !== 'queue' && !OFTEN.includes(name));

/** All options of a task, as the command line has them. */
export function Options({
  options,
  onOptions,
}: {
  options: Draft['options'];
  onOptions: (options: Draft['options']) => void;
}): JSX.Element {
  const fields = (names: readonly TaskOptionName[]): JSX.Element => (
    <div class="fields">
      {names.map((name) => (
        <OptionField
          key={name}
          name={name}
          text={options[name] ?? ''}
          onText={(text) => onOptions(withOption(options, name, text))}
        />
      ))}
    </div>
  );
  const given = SELDOM.filter((name) => options[name] !== undefined).length;
  return (
    <>
      {fields(OFTEN)}
      <details open={given > 0}>
        <summary>More options{given > 0 && ` (${given} given)`}</summary>
        {fields(SELDOM)}
      </details>
    </>
  );
}

function OptionField({
  name,
  text,
  onText,
}: {
  name: TaskOptionName;
  text: string;
  onText: (text: string) => void;
}): JSX.Element {
  const { flag }: { flag: { describe: string; defaultsTo?: string } } = TASK_OPTIONS[name];
  return (
    <Field label={labelOf(name)} hint={flag.describe} error={faultOfOption(name, text) ?? undefined}>
      <input
        value={text}
        placeholder={flag.defaultsTo}
        autocomplete="off"
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </Field>
  );
}

function labelOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
