import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageProps {
  /** The one heading of the first level, and the title of the document. */
  title: string;
  /** Instead of the title as text. */
  heading?: ComponentChildren;
  /** A line below it. */
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

export function Page({ title, heading, lead, actions, children }: PageProps): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Drover`;
  }, [title]);
  return (
    <div class="page">
      <div class="page-head">
        <div class="page-title">
          <h1>{heading ?? title}</h1>
          {lead !== undefined && <div class="lead">{lead}</div>}
        </div>
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
  testId?: string;
}

export function Section({ title, aside, children, testId }: SectionProps): JSX.Element {
  return (
    <section class="section" data-testid={testId}>
      <div class="section-head">
        <h2>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** Names and values; a third text explains the name. */
export type Fact = readonly [name: string, value: ComponentChildren, definition?: string];

export function Facts({ items }: { items: readonly (Fact | null)[] }): JSX.Element {
  return (
    <dl class="facts">
      {items
        .filter((item) => item !== null)
        .map(([name, value, definition]) => (
          <div key={name}>
            <dt title={definition}>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
