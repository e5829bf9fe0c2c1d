import type { JSX } from 'preact';
import { Icon } from './icon.js';
import { toast } from './toast.js';

interface CopyProps {
  text: string;
  /** A word for the text: `id`, `curl`. */
  what: string;
  /** Without words beside the sign. */
  small?: boolean;
}

export function Copy({ text, what, small = false }: CopyProps): JSX.Element {
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => copyText(text, what)}
      aria-label={small ? `Copy ${what}` : undefined}
    >
      <Icon name="copy" />
      {!small && `Copy ${what}`}
    </button>
  );
}

export function copyText(text: string, what: string): void {
  // Browsers have a clipboard for pages of localhost and of TLS only.
  const copied =
    'clipboard' in navigator ? navigator.clipboard.writeText(text) : Promise.reject(new Error('no clipboard'));
  copied.then(
    () => toast(`Copied the ${what}`),
    () => toast(`The browser does not allow to copy the ${what} here: select it and copy it by hand`, { tone: 'bad' }),
  );
}
