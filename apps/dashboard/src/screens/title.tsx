import type { JSX } from 'preact';

/** The heading of one thing: its kind in front of its name. */
export function Title({ kind, name }: { kind: string; name: string }): JSX.Element {
  return (
    <>
      <span class="kind">{kind}</span> {name}
    </>
  );
}
