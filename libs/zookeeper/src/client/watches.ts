import type { OneShotWatcher, WatchEvent, WatchEventType, WatchMode, Watcher } from '../port.js';
import type { Chroot } from './paths.js';
import type { OneShotKind } from './request.js';
import type { CallerErrors } from './caller-errors.js';

/** A persistent or recursive watcher of one caller. */
export interface WatchEntry {
  readonly path: string;
  readonly mode: WatchMode;
  readonly watcher: Watcher;
  open: boolean;
}

/** All watchers of one path. They share one watch on the server. */
interface WatchedPath {
  entries: Set<WatchEntry>;
  /** Calls of `addWatch` that are not answered yet. */
  pending: Record<WatchMode, number>;
}

/** The watches of a session as the server is told of them again after a reconnect. */
export interface WatchPaths {
  data: string[];
  exists: string[];
  children: string[];
  persistent: string[];
  recursive: string[];
}

/**
 * The watches of this session. Paths in here are the server's, with the chroot.
 *
 * Servers before 3.9 keep one mode for each path and session, and the last one set wins (ZOOKEEPER-4466): a one-shot
 * watch would end a persistent one of the same path, a persistent one would end a recursive one. So
 * - a one-shot watch of a path that is watched anyway is kept here only, and fed by the events of the other;
 * - persistent and recursive watchers of one path share a recursive watch, from which `children` events are derived.
 */
export class Watches {
  readonly #oneShots: Record<OneShotKind, Map<string, OneShotWatcher[]>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };
  readonly #watched = new Map<string, WatchedPath>();
  readonly #chroot: Chroot;
  readonly #callers: CallerErrors;

  constructor(chroot: Chroot, callers: CallerErrors) {
    this.#chroot = chroot;
    this.#callers = callers;
  }

  // One-shot watches

  /** Whether a one-shot watch has to be set on the server; otherwise the events come through another watch. */
  needsServer(kind: OneShotKind, path: string): boolean {
    const watched = this.#watched.get(path);
    if (watched === undefined) return true;
    return kind === 'children' && this.#serverMode(watched) === 'recursive';
  }

  /** The read that carried the watcher was answered. `onServer`: the server was asked to watch. */
  addOneShot(kind: OneShotKind, path: string, watcher: OneShotWatcher, onServer: boolean): void {
    if (!onServer && this.needsServer(kind, path)) {
      // The server's watch whose events it was to get was closed meanwhile.
      this.#callers.guard(() => watcher(null));
      return;
    }
    const table = this.#oneShots[kind];
    const watchers = table.get(path);
    if (watchers === undefined) table.set(path, [watcher]);
    else watchers.push(watcher);
  }

  /** The session ended: no event will come. */
  endAll(): void {
    const paths = Object.values(this.#oneShots).flatMap((table) => [...table.keys()]);
    this.#watched.clear();
    for (const path of paths) this.#drop(path, ['data', 'exists', 'children']);
  }

  #drop(path: string, kinds: readonly OneShotKind[]): void {
    for (const watcher of this.#takeOneShots(path, kinds)) this.#callers.guard(() => watcher(null));
  }

  #takeOneShots(path: string, kinds: readonly OneShotKind[]): OneShotWatcher[] {
    const taken: OneShotWatcher[] = [];
    for (const kind of kinds) {
      const watchers = this.#oneShots[kind].get(path);
      if (watchers === undefined) continue;
      this.#oneShots[kind].delete(path);
      taken.push(...watchers);
    }
    return taken;
  }

  // Persistent and recursive watches

  /** `addWatch` is about to be sent for `path`. Returns the mode to ask the server for. */
  begin(path: string, mode: WatchMode): WatchMode {
    let watched = this.#watched.get(path);
    if (watched === undefined) {
      watched = { entries: new Set(), pending: { persistent: 0, recursive: 0 } };
      this.#watched.set(path, watched);
    }
    watched.pending[mode]++;
    return this.#serverMode(watched);
  }

  /** `addWatch` was answered. */
  added(path: string, mode: WatchMode, watcher: Watcher): WatchEntry {
    const entry: WatchEntry = { path, mode, watcher, open: true };
    const watched = this.#watched.get(path);
    if (watched !== undefined) {
      watched.pending[mode]--;
      watched.entries.add(entry);
    }
    return entry;
  }

  /** `addWatch` failed. */
  notAdded(path: string, mode: WatchMode): void {
    const watched = this.#watched.get(path);
    if (watched === undefined) return;
    watched.pending[mode]--;
    this.#forgetIfUnused(path, watched);
  }

  /** Returns the request for the server: to remove the watch of the path, to make it persistent, or nothing. */
  remove(entry: WatchEntry): 'remove' | 'persistent' | 'nothing' {
    const watched = this.#watched.get(entry.path);
    if (!entry.open || watched === undefined) return 'nothing';
    entry.open = false;
    const before = this.#serverMode(watched);
    watched.entries.delete(entry);
    if (this.#forgetIfUnused(entry.path, watched)) return 'remove';
    return before === 'recursive' && this.#serverMode(watched) === 'persistent' ? 'persistent' : 'nothing';
  }

  #forgetIfUnused(path: string, { entries, pending }: WatchedPath): boolean {
    if (entries.size > 0 || pending.persistent > 0 || pending.recursive > 0) return false;
    this.#watched.delete(path);
    // Removing the server's watch takes one-shot watches of the path along.
    this.#drop(path, ['data', 'exists', 'children']);
    return true;
  }

  #serverMode({ entries, pending }: WatchedPath): WatchMode {
    if (pending.recursive > 0) return 'recursive';
    for (const { mode } of entries) if (mode === 'recursive') return 'recursive';
    return 'persistent';
  }

  // After a reconnect

  paths(): WatchPaths {
    const { data, exists, children } = this.#oneShots;
    const paths: WatchPaths = {
      data: [...data.keys()],
      exists: [...exists.keys()],
      children: [...children.keys()],
      persistent: [],
      recursive: [],
    };
    for (const [path, watched] of this.#watched) {
      if (watched.entries.size > 0) paths[this.#serverMode(watched)].push(path);
    }
    return paths;
  }

  /** The server has set the watches again. */
  reset(): void {
    for (const { entries } of [...this.#watched.values()]) {
      for (const entry of [...entries]) {
        if (entry.open) this.#callers.guard(() => entry.watcher.reset());
      }
    }
  }

  // Events

  event(type: WatchEventType, serverPath: string): void {
    const path = this.#chroot.toClient(serverPath);
    if (path === null) return;
    const event: WatchEvent = { type, path };
    for (const watcher of this.#takeOneShots(serverPath, ONE_SHOTS_OF[type])) {
      this.#callers.guard(() => watcher(event));
    }
    if (this.#watched.size === 0) return;
    this.#ofPath(event, serverPath);
    if (type !== 'children') this.#ofAncestors(event, serverPath);
  }

  /** The server dropped the one-shot watches of a path. */
  dropped(kind: 'data' | 'children', serverPath: string): void {
    this.#drop(serverPath, kind === 'data' ? ['data', 'exists'] : ['children']);
  }

  #ofPath(event: WatchEvent, serverPath: string): void {
    const watched = this.#watched.get(serverPath);
    if (watched === undefined) return;
    // If there is a recursive watch, 3.8 may send `children` events that belong to nobody.
    const isPersistent = event.type !== 'children' || this.#serverMode(watched) === 'persistent';
    this.#deliver(watched, event, (mode) => (mode === 'persistent' ? isPersistent : event.type !== 'children'));
  }

  #ofAncestors(event: WatchEvent, serverPath: string): void {
    let slash = serverPath.lastIndexOf('/');
    for (let isParent = true; slash >= 0 && serverPath.length > 1; isParent = false) {
      const ancestor = slash === 0 ? '/' : serverPath.slice(0, slash);
      const watched = this.#watched.get(ancestor);
      if (watched !== undefined) {
        this.#deliver(watched, event, (mode) => mode === 'recursive');
        if (isParent && event.type !== 'changed') this.#deriveChildrenEvent(watched, ancestor);
      }
      slash = slash === 0 ? -1 : serverPath.lastIndexOf('/', slash - 1);
    }
  }

  #deriveChildrenEvent(watched: WatchedPath, serverPath: string): void {
    const path = this.#chroot.toClient(serverPath);
    if (path === null || this.#serverMode(watched) !== 'recursive') return;
    this.#deliver(watched, { type: 'children', path }, (mode) => mode === 'persistent');
  }

  #deliver({ entries }: WatchedPath, event: WatchEvent, wanted: (mode: WatchMode) => boolean): void {
    for (const entry of [...entries]) {
      if (entry.open && wanted(entry.mode)) this.#callers.guard(() => entry.watcher.event(event));
    }
  }
}

/** Which one-shot watches an event ends. */
const ONE_SHOTS_OF: Record<WatchEventType, readonly OneShotKind[]> = {
  created: ['data', 'exists'],
  deleted: ['data', 'exists', 'children'],
  changed: ['data', 'exists'],
  children: ['children'],
};
