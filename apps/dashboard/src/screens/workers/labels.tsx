import type { JSX } from 'preact';

/** Labels of a worker, as chips. */
export function Labels({
  labels,
  most = Infinity,
}: {
  labels: Readonly<Record<string, string>>;
  most?: number;
}): JSX.Element {
  const all = Object.entries(labels);
  if (all.length === 0) return <span class="muted">–</span>;
  return (
    <span class="row tight">
      {all.slice(0, most).map(([name, value]) => (
        <span key={name} class="chip">
          {name}={value}
        </span>
      ))}
      {all.length > most && <span class="muted">+{all.length - most}</span>}
    </span>
  );
}
