import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { uiBase } from '../data/base.js';
import { segmentsOf } from './pattern.js';

/** The place of the user: the address is the state of the page. */
export interface Place {
  /** Behind `/ui`: `/queues/mail`. */
  path: string;
  segments: readonly string[];
  query: URLSearchParams;
}

export const place = signal<Place>(read());

function read(): Place {
  const path = `/${location.pathname.startsWith(uiBase) ? location.pathname.slice(uiBase.length) : ''}`;
  return { path, segments: segmentsOf(path), query: new URLSearchParams(location.search) };
}

/** The address of a screen for a link: `/tasks?q=state:failed`. */
export const href = (to: string): string => uiBase + to.replace(/^\//, '');

export function go(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const before = place.peek().path;
  history[replace ? 'replaceState' : 'pushState'](null, '', href(to));
  place.value = read();
  if (place.value.path !== before) scrollTo(0, 0);
}

/** Changes values of the query, without a step of the history; null removes one. */
export function setQuery(changes: Readonly<Record<string, string | null>>, { replace = true } = {}): void {
  const { path, query } = place.peek();
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  go(text === '' ? path : `${path}?${text}`, { replace });
}

type LinkProps = Omit<JSX.IntrinsicElements['a'], 'href' | 'role'> & { to: string; children?: ComponentChildren };

export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
  return (
    <a {...rest} href={href(to)}>
      {children}
    </a>
  );
}

/** Follows links to screens without loading the page anew. To be called once. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    place.value = read();
  });
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || !link.pathname.startsWith(uiBase) || link.hash !== '') return;
    event.preventDefault();
    go(`/${link.pathname.slice(uiBase.length)}${link.search}`);
  });
}
