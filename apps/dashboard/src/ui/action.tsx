import type { Disableable, Permission } from '@drover/api';
import type { ComponentChildren, JSX } from 'preact';
import { right } from '../data/rights.js';
import { Icon, type IconName } from './icon.js';

interface ActionProps {
  permission: Permission;
  action?: Disableable | undefined;
  icon?: IconName | undefined;
  tone?: 'danger' | 'primary' | undefined;
  disabled?: boolean | undefined;
  title?: string | undefined;
  testId?: string | undefined;
  onClick: () => void;
  children: ComponentChildren;
}

/** A button; where the caller lacks the right it can be seen, not pressed, and says which role it needs. */
export function Action({
  permission,
  action,
  icon,
  tone,
  disabled = false,
  title,
  testId,
  onClick,
  children,
}: ActionProps): JSX.Element {
  const allowed = right(permission, action);
  return (
    <button
      type="button"
      class={tone}
      disabled={disabled || !allowed.allowed}
      title={allowed.allowed ? title : allowed.why}
      data-testid={testId}
      onClick={onClick}
    >
      {!allowed.allowed ? <Icon name="locked" /> : icon !== undefined && <Icon name={icon} />}
      {children}
      {!allowed.allowed && <span class="needs">{allowed.why}</span>}
    </button>
  );
}
