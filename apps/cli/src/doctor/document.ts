import { AREAS, type Area, type Check } from './check.js';
import { CHECKS } from './checks.js';

const TITLES: Readonly<Record<Area, string>> = {
  zookeeper: 'ZooKeeper',
  leader: 'The leader',
  fleet: 'Schedulers and workers',
  flow: 'Whether work flows',
  records: 'Records',
  security: 'Security',
  observation: 'Observation',
};

const HEAD = `# drover doctor

\`drover doctor\` looks at everything that is or will be a problem, and says what to do. It changes nothing.

\`\`\`sh
drover doctor                   # what is not well
drover doctor --verbose         # also what is well, and what was skipped
drover doctor --deep            # reads all records, at 2,000 reads a second
drover doctor --json            # one document, for programs
\`\`\`

It asks ZooKeeper and, where a scheduler serves one, the API. A check that cannot be made is listed as skipped, with the
reason; it is never called well. On a machine where everything runs at loopback, some warnings are only notes.

The exit code is 0 where nothing is wrong (notes are nothing wrong), 1 where there are problems or warnings, and 3 where neither
ZooKeeper nor the API can be reached.
`;

/** `docs/doctor.md`. */
export function doctorDocument(): string {
  return [HEAD, ...AREAS.map(section)].join('\n');
}

function section(area: Area): string {
  const rows = CHECKS.filter((check) => check.area === area).map(rowOf);
  return [
    `## ${TITLES[area]}`,
    '',
    '| check | | means | cure | more |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function rowOf({ code, severity, means, cure, link }: Check): string {
  const target = link.replace(/^docs\//, '');
  const cells = [`\`${code}\``, severity, means, cure, `[${target.replace(/[#].*$/, '')}](${target})`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
