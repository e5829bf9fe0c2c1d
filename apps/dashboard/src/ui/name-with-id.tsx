import type { JSX } from 'preact';

/** The cell that names a row: what people call it, and its id below. */
export const NameWithId = ({ name, id }: { name: string; id: string }): JSX.Element => (
  <span class="task-name">
    <span>{name}</span>
    <span class="id">{id}</span>
  </span>
);
