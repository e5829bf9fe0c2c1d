import type { JSX } from 'preact';
import { theme } from '../data/settings.js';
import { Icon } from '../ui/icon.js';

const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;
const ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

export function ThemeButton(): JSX.Element {
  const current = theme.value;
  const label = `Theme: ${current}. Change to ${NEXT[current]}`;
  return (
    <button
      type="button"
      class="quiet square"
      data-testid="theme"
      data-theme={current}
      aria-label={label}
      title={label}
      onClick={() => void (theme.value = NEXT[current])}
    >
      <Icon name={ICONS[current]} />
    </button>
  );
}
