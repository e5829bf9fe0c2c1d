import type { JSX } from 'preact';
import { PLACES } from '../../app/screens.js';
import { Dialog } from '../../ui/dialog.js';

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['Ctrl K', 'go to a task, queue, worker or screen, or begin an action'],
  ['/', 'to the filter'],
  ['j', 'next row'],
  ['k', 'row before'],
  ['x', 'select the row'],
  ['Enter', 'open the row'],
  ['r', 'retry a task (asks first)'],
  ['c', 'cancel a task (asks first)'],
  ['p', 'stop what changes by itself, or go on'],
  ['Esc', 'close, change nothing'],
  ['?', 'this list'],
];

/** The keys of all screens. */
export default function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const places = PLACES.flat().flatMap(({ name, key }) => (key === undefined ? [] : [[`g ${key}`, name] as const]));
  return (
    <Dialog title="Keys" onClose={onClose} wide testId="help">
      <div class="dialog-body">
        <div class="columns">
          <List keys={KEYS} />
          <List keys={places} />
        </div>
      </div>
      <div class="dialog-actions">
        <button type="button" autofocus onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function List({ keys }: { keys: readonly (readonly [keys: string, does: string])[] }): JSX.Element {
  return (
    <dl class="keys">
      {keys.map(([key, does]) => (
        <div key={key}>
          <dt>
            {key.split(' ').map((part) => (
              <kbd key={part}>{part}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
