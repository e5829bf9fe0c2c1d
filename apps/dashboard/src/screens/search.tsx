import type { JSX } from 'preact';
import { place, setQuery } from '../app/router.js';

interface SearchProps {
  /** Said to those who do not see the field. */
  label: string;
  /** Name of the value in the address. */
  name?: string;
  placeholder?: string;
}

/** A field whose text is in the address, for lists that are filtered in the page. */
export function Search({ label, name = 'find', placeholder }: SearchProps): JSX.Element {
  return (
    <input
      type="search"
      data-filter
      class="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={place.value.query.get(name) ?? ''}
      onInput={(event) => setQuery({ [name]: event.currentTarget.value })}
    />
  );
}

/** The text that was typed, in lower case. */
export const found = (name = 'find'): string => (place.value.query.get(name) ?? '').trim().toLowerCase();
