import type { JSX } from 'preact';
import { now } from '../data/clock.js';
import { heardAt, livePaused, liveState, pauseLive, reconnect, type LiveState } from '../data/live.js';
import { duration } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { useKeys } from './keys.js';

const WORDS: Readonly<Record<LiveState, string>> = {
  live: 'Live',
  connecting: 'Connecting',
  lost: 'Reconnecting',
  paused: 'Paused',
  off: 'Not live',
};

/** Shows whether the page follows, and stops it. */
export function LiveButton(): JSX.Element {
  const isPaused = livePaused.value;
  const state = liveState.value;
  const toggle = (): void => pauseLive(!livePaused.peek());
  useKeys({ p: toggle });
  return (
    <button
      type="button"
      class={`quiet live ${state}`}
      data-testid="live-state"
      data-state={state}
      title={isPaused ? 'Follow again: p' : 'Stop everything that changes by itself: p'}
      onClick={toggle}
    >
      <Icon name={isPaused ? 'play' : 'pause'} />
      <span class="dot" aria-hidden="true" />
      {WORDS[state]}
    </button>
  );
}

const SAID_AFTER_MS = 5_000;

/** Says on top of a screen why what it shows is old. */
export function LiveBanner(): JSX.Element | null {
  if (livePaused.value)
    return (
      <div class="banner" role="status">
        <Icon name="pause" />
        <span>Paused: nothing on this page changes by itself.</span>
        <button type="button" class="quiet" onClick={() => pauseLive(false)}>
          Follow again
        </button>
      </div>
    );
  const silentMs = now.value - heardAt.value;
  if (liveState.value !== 'lost' || silentMs < SAID_AFTER_MS) return null;
  const since = heardAt.value === 0 ? '' : `, last heard ${duration(silentMs)} ago`;
  return (
    <div class="banner warn" data-testid="stale">
      <Icon name="warn" />
      <span>
        <span role="status">The connection to the server is lost</span>
        {since}. Reconnecting; what is shown may be old.
      </span>
      <button type="button" class="quiet" onClick={reconnect}>
        Try now
      </button>
    </div>
  );
}
