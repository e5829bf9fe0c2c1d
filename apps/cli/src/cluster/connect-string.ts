/** `host:port,host:port/root` apart; `root` is empty where there is none. */
export function parseConnect(connect: string): { hosts: string; root: string } {
  const slash = connect.indexOf('/');
  return slash < 0 ? { hosts: connect, root: '' } : { hosts: connect.slice(0, slash), root: connect.slice(slash) };
}
