import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { OVERVIEW, useQuery } from '../data/query.js';
import { about } from '../data/rights.js';
import { Dialogs } from '../ui/dialog.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { Toasts } from '../ui/toast.js';
import { Bulks } from '../ui/bulk.js';
import { LiveButton, LiveBanner } from './live-button.js';
import { openPalette, Overlays } from './overlays.js';
import { Link, place } from './router.js';
import { PLACES } from './screens.js';
import { ThemeButton } from './theme-button.js';
import { UserButton } from './user-button.js';

/** The frame around every screen: navigation, who leads, whether the page is live. */
export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const { path } = place.value;
  const first = useRef(path);
  useEffect(() => {
    if (first.current !== path) main.current?.focus({ preventScroll: true });
    first.current = path;
  }, [path]);
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <Navigation path={path} />
      <header class="top">
        <Leader />
        <span class="grow" />
        <button
          type="button"
          class="quiet"
          aria-label="Go to"
          title="Go to a task, queue, worker or screen: Ctrl K"
          onClick={openPalette}
        >
          <Icon name="search" />
          <span class="long">Go to</span>
        </button>
        <LiveButton />
        <ThemeButton />
        <UserButton />
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        <LiveBanner />
        {children}
      </main>
      <Bulks />
      <Toasts />
      <Dialogs />
      <Overlays />
    </div>
  );
}

function Navigation({ path }: { path: string }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  return (
    <nav class={isOpen ? 'side open' : 'side'} aria-label="Screens">
      <div class="brand">
        <Link to="/" class="logo">
          <Icon name="drover" />
          Drover
        </Link>
        <button
          type="button"
          class="menu quiet"
          aria-expanded={isOpen}
          aria-controls="places"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'close' : 'menu'} />
          Menu
        </button>
      </div>
      <div id="places" class="places">
        {PLACES.map((group) => (
          <ul key={group[0]?.to}>
            {group.map(({ to, name, icon, key }) => (
              <li key={to}>
                <Link to={to} aria-current={isAt(path, to) ? 'page' : undefined} title={key && `${name}: g ${key}`}>
                  <Icon name={icon} />
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        ))}
        {about.value !== null && <p class="version">Drover {about.value.version}</p>}
      </div>
    </nav>
  );
}

const isAt = (path: string, to: string): boolean =>
  to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);

/** Says on every screen who leads: without a leader nothing is started. */
function Leader(): JSX.Element {
  const { data } = useQuery('/v1/overview', {}, OVERVIEW);
  if (data === undefined) return <span class="leader muted">…</span>;
  if (data.leader === null)
    return (
      <Link to="/cluster" class="leader bad">
        <Icon name="warn" />
        <span data-testid="leader">No leader</span>
      </Link>
    );
  return (
    <Link to="/cluster" class="leader" title="The leader decides what runs where; each election raises the epoch">
      <span class="muted">Leader</span> <b data-testid="leader">{data.leader.id}</b>
      <span class="long">
        {' '}
        <span class="muted">epoch</span> <span data-testid="epoch">{count(data.leader.epoch)}</span>
      </span>
    </Link>
  );
}
