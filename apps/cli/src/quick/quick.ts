/**
 * Commands that start within milliseconds, for probes of containers and for completion: they load neither the parser of
 * the command line, nor settings, nor ZooKeeper. Other arguments of theirs go the long way, which has the help and the
 * messages.
 */
export async function runQuick(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const [command, ...rest] = argv;
  if (command === 'health') return (await import('./health.js')).quickHealth(rest, env);
  if (command === 'completion') return (await import('./completion.js')).quickCompletion(rest, env);
  return null;
}
