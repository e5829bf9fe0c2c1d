import { SORTS, type Sort } from './view.js';

export interface TopState {
  sort: Sort;
  filter: string;
  isPaused: boolean;
  showsHelp: boolean;
  /** The filter is being typed. */
  isTyping: boolean;
  isOver: boolean;
}

export const FIRST_STATE: TopState = {
  sort: 'wait',
  filter: '',
  isPaused: false,
  showsHelp: false,
  isTyping: false,
  isOver: false,
};

export const KEY_HELP = `q  leave
/  show only queues and workers whose names contain a text; Esc ends it
p  pause, and go on
s  sort queues by the oldest wait, by tasks done a second, by failures a second
?  this help`;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ESCAPE = '\u001b';
const BACKSPACE = ['\u007f', '\b'];

/** The keys of a piece of input: several come together where somebody types fast, or pastes. Pure. */
export function keysIn(input: string): string[] {
  // Arrows and the like begin with the character of Esc; they mean nothing here.
  if (input.startsWith(ESCAPE) && input.length > 1) return [];
  return Array.from(input);
}

/** The state after a key. Pure. */
export function afterKey(state: TopState, key: string): TopState {
  if (key === CTRL_C || key === CTRL_D) return { ...state, isOver: true };
  if (state.isTyping) return afterTyping(state, key);
  switch (key) {
    case 'q':
      return state.showsHelp ? { ...state, showsHelp: false } : { ...state, isOver: true };
    case '/':
      return { ...state, isTyping: true, filter: '', showsHelp: false };
    case 'p':
    case ' ':
      return { ...state, isPaused: !state.isPaused };
    case 's':
      return { ...state, sort: SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] ?? 'wait' };
    case '?':
      return { ...state, showsHelp: !state.showsHelp };
    case ESCAPE:
      return { ...state, filter: '', showsHelp: false };
    default:
      return state;
  }
}

function afterTyping(state: TopState, key: string): TopState {
  if (key === '\r' || key === '\n') return { ...state, isTyping: false };
  if (key === ESCAPE) return { ...state, isTyping: false, filter: '' };
  if (BACKSPACE.includes(key)) return { ...state, filter: state.filter.slice(0, -1) };
  return /^[\x20-\x7e]+$/.test(key) ? { ...state, filter: state.filter + key } : state;
}
