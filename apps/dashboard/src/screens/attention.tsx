import type { JSX } from 'preact';
import { Link } from '../app/router.js';
import type { Attention } from '../data/types.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Ago } from '../ui/time.js';
import { cureOf } from './attention.decide.js';

const ICONS: Readonly<Record<Attention['severity'], IconName>> = { error: 'failures', warn: 'warn', info: 'info' };
const ORDER = ['error', 'warn', 'info'] as const;

/** Lists what a person should look at, the worst first, each with the place where it is mended. */
export function AttentionList({ items }: { items: readonly Attention[] }): JSX.Element {
  if (items.length === 0)
    return (
      <p class="all-well" data-testid="all-well">
        <Icon name="ok" /> Nothing needs attention.
      </p>
    );
  const sorted = [...items].sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <ul class="attention">
      {sorted.map((item) => (
        <Item key={`${item.code} ${item.text}`} item={item} />
      ))}
    </ul>
  );
}

function Item({ item }: { item: Attention }): JSX.Element {
  const cure = cureOf(item);
  return (
    <li class={item.severity} data-testid={`attention-${item.code}`}>
      <Icon name={ICONS[item.severity]} />
      <span class="text">
        <span class="hidden">{item.severity}: </span>
        {item.text}
      </span>
      {item.since !== undefined && (
        <span class="muted small nowrap">
          <Ago at={item.since} />
        </span>
      )}
      {cure !== null && (
        <Link to={cure.to} class="nowrap">
          {cure.name}
        </Link>
      )}
    </li>
  );
}
