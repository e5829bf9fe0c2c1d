import type { JSX } from 'preact';

export interface BeforeAfterRow {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** The values that are there beside those that shall be. */
export function BeforeAfter({ rows }: { rows: readonly BeforeAfterRow[] }): JSX.Element {
  return (
    <table class="before-after">
      <caption class="hidden">Changes</caption>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, before, after }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>
              <del>{before}</del>
            </td>
            <td>
              <ins>{after}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
