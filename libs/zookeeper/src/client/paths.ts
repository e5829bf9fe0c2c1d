/**
 * The reason why `path` is no path of a znode; null: it is one. Only the root, and names of sequential znodes, may end
 * with `/`.
 */
export function pathProblem(path: unknown, sequential = false): string | null {
  if (typeof path !== 'string') return `a path must be text that begins with /, got ${typeof path}`;
  if (path.charCodeAt(0) !== 47) return 'a path must begin with /';
  if (path.length === 1) return null;
  if (path.charCodeAt(path.length - 1) === 47 && !sequential) return 'a path must not end with /';
  if (path.includes('//')) return 'a path must not have an empty part';
  if (path.includes('\0')) return 'a path must not have a null character';
  if (path.includes('/.')) {
    for (const part of path.split('/')) if (part === '.' || part === '..') return 'a path must not have a part . or ..';
  }
  return null;
}

/** The part of the server's tree that a handle sees as `/`. */
export class Chroot {
  /** Empty, or a path. */
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  toServer(path: string): string {
    if (this.prefix === '') return path;
    return path === '/' ? this.prefix : this.prefix + path;
  }

  /** Null: `path` is outside of the chroot. */
  toClient(path: string): string | null {
    const { prefix } = this;
    if (prefix === '') return path;
    if (!path.startsWith(prefix)) return null;
    if (path.length === prefix.length) return '/';
    return path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : null;
  }
}
