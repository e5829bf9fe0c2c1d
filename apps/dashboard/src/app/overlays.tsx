import { signal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useKeys } from './keys.js';

/** The windows over the screen, besides questions. */
type Overlay = 'palette' | 'help';
const open = signal<Overlay | null>(null);

export const openPalette = (): void => void (open.value = 'palette');
export const openHelp = (): void => void (open.value = 'help');

type Loaded = ComponentType<{ onClose: () => void }>;
const LOAD: Readonly<Record<Overlay, () => Promise<{ default: Loaded }>>> = {
  palette: () => import('../screens/palette/palette.js'),
  help: () => import('../screens/palette/help.js'),
};

/** Opens the palette by Ctrl-K, and the list of keys by `?`; their code is loaded then. */
export function Overlays(): JSX.Element | null {
  const [loaded, setLoaded] = useState<Partial<Record<Overlay, Loaded>>>({});
  const wanted = open.value;
  useKeys({ '?': openHelp });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) openPalette();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  useEffect(() => {
    if (wanted === null || loaded[wanted] !== undefined) return;
    LOAD[wanted]().then(
      (module) => setLoaded((before) => ({ ...before, [wanted]: module.default })),
      // The server may have been replaced by another version, whose files have other names.
      () => location.reload(),
    );
  }, [wanted]);
  const Shown = wanted === null ? undefined : loaded[wanted];
  return Shown === undefined ? null : <Shown onClose={() => void (open.value = null)} />;
}
