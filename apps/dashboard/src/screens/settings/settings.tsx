import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { now } from '../../data/clock.js';
import { about, right } from '../../data/rights.js';
import { density, savedFilters, theme, zone } from '../../data/settings.js';
import { Empty } from '../../ui/empty.js';
import { absolute } from '../../ui/format.js';
import { Facts, Page, Section } from '../../ui/page.js';
import { Tokens } from './tokens.js';

/** Choices that this browser keeps, the rights of the user, and tokens for those who may make them. */
export default function Settings(): JSX.Element {
  return (
    <Page title="Settings" lead="Kept in this browser only.">
      <div class="columns">
        <Section title="Look">
          <Choice label="Theme" of={theme} options={{ system: 'as the system', light: 'light', dark: 'dark' }} />
          <Choice label="Density" of={density} options={{ comfortable: 'comfortable', compact: 'compact' }} />
        </Section>
        <Section title="Times">
          <Choice
            label="Time zone"
            of={zone}
            options={{ local: Intl.DateTimeFormat().resolvedOptions().timeZone, utc: 'UTC' }}
          />
          <p class="muted">
            It is <code>{absolute(now.value)}</code> by this clock.
          </p>
        </Section>
      </div>
      <Filters />
      <Me />
      {right('administer', 'tokens').allowed ? (
        <Tokens />
      ) : (
        <Section title="Tokens">
          <Empty title="Tokens are made by admins" command="drover token create --name ci --role submitter" />
        </Section>
      )}
    </Page>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  of: Signal<Value>;
  options: Readonly<Record<Value, string>>;
}

function Choice<Value extends string>({ label, of, options }: ChoiceProps<Value>): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {(Object.entries(options) as [Value, string][]).map(([value, text]) => (
        <label key={value} class="check">
          <input type="radio" name={label} checked={of.value === value} onChange={() => void (of.value = value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

function Filters(): JSX.Element | null {
  if (savedFilters.value.length === 0) return null;
  return (
    <Section title="Kept filters">
      <ul class="plain">
        {savedFilters.value.map((saved) => (
          <li key={saved.filter} class="row">
            <code>{saved.filter}</code>
            <button
              type="button"
              class="quiet"
              onClick={() => void (savedFilters.value = savedFilters.value.filter((one) => one !== saved))}
            >
              Forget
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Me(): JSX.Element | null {
  const known = about.value;
  if (known === null) return null;
  const { caller, permissions, disabled, version, scheduler } = known;
  return (
    <Section title="You">
      <Facts
        items={[
          ['Name', caller?.name ?? '–'],
          ['Known by', caller?.auth === 'none' ? 'nobody signs in here' : (caller?.auth ?? '–')],
          ['Roles', caller?.roles.join(', ') ?? '–'],
          ['Queues', caller?.queues?.join(', ') ?? 'all of them'],
          ['May', permissions.join(', ')],
          disabled.length === 0 ? null : ['Switched off here', disabled.join(', ')],
          ['Server', `${scheduler}, version ${version}`],
        ]}
      />
    </Section>
  );
}
