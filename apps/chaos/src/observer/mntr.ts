/** The number of watches in a server's answer to `mntr`; `null` when it serves nobody. */
export function watchesIn(answer: string): number | null {
  const count = /^zk_watch_count\t(\d+)$/m.exec(answer)?.[1];
  return count === undefined ? null : Number(count);
}
