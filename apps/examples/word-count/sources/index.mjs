import { folderSource } from './folder.mjs';
import { s3Source } from './s3.mjs';
import { webHdfsSource } from './webhdfs.mjs';

/** `folder:/data/text`, `s3:https://bucket.s3.amazonaws.com/prefix`, `s3-path:http://minio:9000/bucket/prefix`, `webhdfs:http://namenode:9870/data`. */
export function sourceOf(text) {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (text.slice(0, Math.max(colon, 0))) {
    case 'folder':
      return folderSource(rest);
    case 's3':
      return s3Source(rest);
    case 's3-path':
      return s3Source(rest, { pathStyle: true });
    case 'webhdfs':
      return webHdfsSource(rest, { user: process.env.HADOOP_USER_NAME });
    default:
      throw new Error(`source '${text}': expected folder:PATH, s3:URL, s3-path:URL or webhdfs:URL`);
  }
}
