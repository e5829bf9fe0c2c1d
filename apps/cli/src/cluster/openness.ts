/** Warnings of members about what is open to others, which hold for the whole cluster. */
const SAID_BY_DEV = '"event":"worker.exposed"';
const OF_ALL_MEMBERS = '"event":"access.open"';

/**
 * Makes a function that takes the lines of all members' logs and leaves out warnings that the user has seen: that the
 * workers offer types with effects (`drover dev` says so itself), and that the root is open, after the first member has
 * said it.
 */
export function withoutRepeatedWarnings(
  show: (name: string, line: string) => void,
): (name: string, line: string) => void {
  let isOpenSaid = false;
  return (name, line) => {
    if (line.includes(SAID_BY_DEV)) return;
    if (!line.includes(OF_ALL_MEMBERS)) show(name, line);
    else if (!isOpenSaid) {
      isOpenSaid = true;
      show(name, withoutMember(line));
    }
  };
}

function withoutMember(line: string): string {
  try {
    const { id: _, name: __, ...record } = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify(record);
  } catch {
    return line;
  }
}
