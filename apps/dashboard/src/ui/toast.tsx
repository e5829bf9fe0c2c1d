import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { problemOf } from '../data/problem.js';
import { Icon } from './icon.js';

interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'bad';
  undo: (() => Promise<unknown>) | undefined;
}
interface ToastOptions {
  tone?: 'ok' | 'bad' | undefined;
  /** Takes the action back. */
  undo?: (() => Promise<unknown>) | undefined;
}

const SHOWN_MS = 8_000;
const toasts = signal<readonly Toast[]>([]);
let ids = 0;

/** Says in a corner what has become of an action, for a while; what went wrong stays until it is closed. */
export function toast(text: string, { tone = 'ok', undo }: ToastOptions = {}): void {
  const id = ++ids;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone, undo }];
  if (tone === 'ok') setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

function takeBack({ id, undo }: Toast): void {
  dismiss(id);
  undo?.().then(
    () => toast('Taken back'),
    (error: unknown) => toast(`Not taken back: ${problemOf(error).message}`, { tone: 'bad' }),
  );
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite" data-testid="toasts">
      {toasts.value.map((one) => (
        <div key={one.id} class={`toast ${one.tone}`}>
          <Icon name={one.tone === 'ok' ? 'ok' : 'warn'} />
          <span>{one.text}</span>
          {one.undo !== undefined && (
            <button type="button" class="quiet" onClick={() => takeBack(one)}>
              Undo
            </button>
          )}
          <button type="button" class="quiet square" aria-label="Close" onClick={() => dismiss(one.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
