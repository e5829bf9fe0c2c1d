import test from 'ava';
import type { WatchEvent, Watcher } from '../port.js';
import { CallerErrors } from './caller-errors.js';
import { Chroot } from './paths.js';
import { Watches } from './watches.js';

function registry(chroot = ''): { watches: Watches; errors: unknown[] } {
  const errors: unknown[] = [];
  return { watches: new Watches(new Chroot(chroot), new CallerErrors((error) => errors.push(error))), errors };
}

function recorder(): Watcher & { seen: string[] } {
  const seen: string[] = [];
  return { seen, event: ({ type, path }) => seen.push(`${type} ${path}`), reset: () => seen.push('reset') };
}

function add(watches: Watches, path: string, mode: 'persistent' | 'recursive', watcher: Watcher) {
  watches.begin(path, mode);
  return watches.added(path, mode, watcher);
}

test('a one-shot watch is called once, by the events of its kind', (t) => {
  const { watches } = registry();
  const seen: (WatchEvent | null)[] = [];
  const note = (event: WatchEvent | null): number => seen.push(event);
  watches.addOneShot('data', '/a', note, true);
  watches.addOneShot('children', '/a', note, true);
  watches.event('children', '/a');
  t.deepEqual(seen, [{ type: 'children', path: '/a' }]);
  watches.event('changed', '/b');
  watches.event('changed', '/a');
  watches.event('changed', '/a');
  t.deepEqual(seen.slice(1), [{ type: 'changed', path: '/a' }]);
});

test('the end of a znode ends every one-shot watch of it', (t) => {
  const { watches } = registry();
  const seen: unknown[] = [];
  for (const kind of ['data', 'exists', 'children'] as const) {
    watches.addOneShot(kind, '/a', (event) => seen.push(event?.type), true);
  }
  watches.event('deleted', '/a');
  t.deepEqual(seen, ['deleted', 'deleted', 'deleted']);
  t.deepEqual(watches.paths(), { data: [], exists: [], children: [], persistent: [], recursive: [] });
});

test('a persistent watcher hears of its znode and its list of children, a recursive one of all below', (t) => {
  const { watches } = registry();
  const [persistent, recursive] = [recorder(), recorder()];
  add(watches, '/a', 'persistent', persistent);
  add(watches, '/', 'recursive', recursive);
  watches.event('changed', '/a');
  watches.event('children', '/a');
  watches.event('created', '/a/b');
  watches.event('deleted', '/ab');
  t.deepEqual(persistent.seen, ['changed /a', 'children /a']);
  t.deepEqual(recursive.seen, ['changed /a', 'created /a/b', 'deleted /ab']);
});

test('paths are the caller’s: the chroot is removed, and events from outside are nobody’s', (t) => {
  const { watches } = registry('/root');
  const watcher = recorder();
  add(watches, '/root', 'recursive', watcher);
  watches.event('changed', '/root');
  watches.event('created', '/root/x');
  watches.event('created', '/rooted/x');
  t.deepEqual(watcher.seen, ['changed /', 'created /x']);
});

test('persistent and recursive watchers of one path share a recursive watch, and both hear what is theirs', (t) => {
  const { watches } = registry();
  const [persistent, recursive] = [recorder(), recorder()];
  add(watches, '/a', 'recursive', recursive);
  t.is(watches.begin('/a', 'persistent'), 'recursive');
  watches.added('/a', 'persistent', persistent);
  watches.event('created', '/a/b');
  watches.event('changed', '/a/b');
  watches.event('created', '/a/b/c');
  watches.event('children', '/a'); // 3.8 may send it for a recursive watch
  t.deepEqual(persistent.seen, ['children /a']);
  t.deepEqual(recursive.seen, ['created /a/b', 'changed /a/b', 'created /a/b/c']);
  t.deepEqual(watches.paths().recursive, ['/a']);
  t.deepEqual(watches.paths().persistent, []);
});

test('the server’s watch goes with the last watcher of the path', (t) => {
  const { watches } = registry();
  const first = add(watches, '/a', 'recursive', recorder());
  const second = add(watches, '/a', 'recursive', recorder());
  t.is(watches.remove(first), 'nothing');
  t.is(watches.remove(first), 'nothing');
  t.is(watches.remove(second), 'remove');
});

test('it stays where another call is about to set it', (t) => {
  const { watches } = registry();
  const first = add(watches, '/a', 'recursive', recorder());
  watches.begin('/a', 'recursive');
  t.is(watches.remove(first), 'nothing');
  const second = watches.added('/a', 'recursive', recorder());
  t.is(watches.remove(second), 'remove');
});

test('without its last recursive watcher a path is watched persistently again', (t) => {
  const { watches } = registry();
  const recursive = add(watches, '/a', 'recursive', recorder());
  const persistent = recorder();
  add(watches, '/a', 'persistent', persistent);
  t.is(watches.remove(recursive), 'persistent');
  watches.event('children', '/a');
  t.deepEqual(persistent.seen, ['children /a']);
});

test('a one-shot watch is not set on the server where it would end a persistent one', (t) => {
  const { watches } = registry();
  t.true(watches.needsServer('data', '/a'));
  watches.begin('/a', 'persistent');
  t.false(watches.needsServer('data', '/a'));
  t.false(watches.needsServer('children', '/a'));
  watches.begin('/r', 'recursive');
  t.false(watches.needsServer('exists', '/r'));
  t.true(watches.needsServer('children', '/r'), 'a recursive watch brings no children events');
});

test('a one-shot watch that lived on a persistent one ends with it', (t) => {
  const { watches } = registry();
  const seen: unknown[] = [];
  const entry = add(watches, '/a', 'persistent', recorder());
  watches.addOneShot('data', '/a', (event) => seen.push(event), false);
  watches.remove(entry);
  watches.addOneShot('data', '/a', (event) => seen.push(event), false);
  t.deepEqual(seen, [null, null]);
});

test('after a reconnect all open watchers are told, closed ones are not', (t) => {
  const { watches } = registry();
  const [open, closed] = [recorder(), recorder()];
  add(watches, '/a', 'persistent', open);
  const entry = add(watches, '/a', 'persistent', closed);
  watches.remove(entry);
  watches.reset();
  t.deepEqual(open.seen, ['reset']);
  t.deepEqual(closed.seen, []);
});

test('a watcher that closes another within an event silences it at once', (t) => {
  const { watches } = registry();
  const second = recorder();
  add(watches, '/a', 'persistent', { event: () => void watches.remove(entry), reset: () => undefined });
  const entry = add(watches, '/a', 'persistent', second);
  watches.event('changed', '/a');
  t.deepEqual(second.seen, []);
});

test('what a watcher throws is reported, and the others are called', (t) => {
  const { watches, errors } = registry();
  const fault = new Error('of the caller');
  const fail = (): never => {
    throw fault;
  };
  const other = recorder();
  add(watches, '/a', 'persistent', { event: fail, reset: fail });
  add(watches, '/a', 'persistent', other);
  watches.addOneShot('data', '/a', fail, false);
  watches.event('changed', '/a');
  watches.reset();
  t.deepEqual(errors, [fault, fault, fault]);
  t.deepEqual(other.seen, ['changed /a', 'reset']);
});

test('with the session every one-shot watch ends', (t) => {
  const { watches } = registry();
  const seen: unknown[] = [];
  for (const kind of ['data', 'exists', 'children'] as const) {
    watches.addOneShot(kind, `/${kind}`, (event) => seen.push(event), true);
  }
  watches.endAll();
  t.deepEqual(seen, [null, null, null]);
});
