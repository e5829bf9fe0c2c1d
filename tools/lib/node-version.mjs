/** Written so that an old Node can still read it: nothing is imported, and the syntax is that of 2020. */
const OLDEST = [20, 19];

/** Whether `version` (`process.versions.node`) can run this project. */
export function isSupported(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Ends this process with a message unless its Node is new enough. */
export function requireNode() {
  if (isSupported(process.versions.node)) return;
  console.error(
    `Drover needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).`,
  );
  console.error('Install a current one from https://nodejs.org, or with a version manager: nvm install 22');
  process.exit(1);
}
