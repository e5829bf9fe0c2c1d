import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.js';
import { matchesOf, type Entry } from './matches.js';
import { useEntries } from './entries.js';

const SHOWN = 12;

/** Jumps to a task, a queue, a worker, a screen, and begins actions: by what is typed. */
export default function Palette({ onClose }: { onClose: () => void }): JSX.Element {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const entries = matchesOf(useEntries(typed), typed, SHOWN);
  const chosen = Math.min(at, entries.length - 1);
  const take = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && entries.length > 0) setAt((chosen + step + entries.length) % entries.length);
    else if (event.key === 'Enter') take(entries[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to or do" onClose={onClose} testId="palette">
      <div class="palette">
        <input
          type="text"
          autofocus
          role="combobox"
          aria-label="Task id, queue, worker, screen or action"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries[chosen] === undefined ? undefined : `palette-${chosen}`}
          placeholder="Task id, queue, worker, screen, action"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul id="palette-list" role="listbox" aria-label="Places and actions">
          {entries.map((entry, index) => (
            <li
              key={entry.id}
              id={`palette-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerMove={() => setAt(index)}
              onClick={() => take(entry)}
            >
              <span class="palette-kind">{entry.kind}</span>
              <span class="palette-label">{entry.label}</span>
              {entry.hint !== undefined && <span class="muted">{entry.hint}</span>}
            </li>
          ))}
        </ul>
        {entries.length === 0 && (
          <p class="muted" role="status">
            Nothing fits. An id of a task opens it; so does a batch.
          </p>
        )}
      </div>
    </Dialog>
  );
}
