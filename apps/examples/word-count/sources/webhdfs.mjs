/**
 * The files of a folder of HDFS, by WebHDFS, which every namenode serves: `http://namenode:9870/data/logs`. `user`: as whom.
 */
export function webHdfsSource(url, { user } = {}) {
  const { origin, pathname } = new URL(url);
  const folder = pathname.replace(/\/$/, '');

  async function ask(path, query) {
    const search = new URLSearchParams({ ...query, ...(user && { 'user.name': user }) });
    const address = `${origin}/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}?${search}`;
    const response = await fetch(address);
    if (response.ok) return response;
    throw new Error(`${path}: status ${response.status} ${(await response.text()).slice(0, 200)}`);
  }

  async function* filesIn(path) {
    const { FileStatuses } = await (await ask(path, { op: 'LISTSTATUS' })).json();
    for (const { pathSuffix, type, length } of FileStatuses.FileStatus) {
      const inner = pathSuffix === '' ? path : `${path}/${pathSuffix}`;
      if (type === 'DIRECTORY') yield* filesIn(inner);
      else yield { name: inner.slice(folder.length + 1), bytes: length };
    }
  }

  return {
    list: () => filesIn(folder),
    async *read(name, from) {
      const response = await ask(`${folder}/${name}`, { op: 'OPEN', offset: from });
      yield* response.body;
    },
  };
}
