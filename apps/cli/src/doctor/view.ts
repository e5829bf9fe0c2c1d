import type { Colors } from '../terminal/colors.js';
import { formatElapsed } from '../views/format.js';
import type { Finding } from './check.js';
import { isMissing, type Facts } from './facts.js';

const WORDS: Readonly<Record<Finding['result'], string>> = {
  ok: 'ok',
  skipped: 'skip',
  note: 'note',
  warn: 'WARN',
  fail: 'FAIL',
};

export interface Shown {
  /** Also what is well, and what was skipped. */
  verbose: boolean;
}

/** The report for people. Pure. */
export function showReport(facts: Facts, findings: readonly Finding[], colors: Colors, { verbose }: Shown): string {
  const paint = { ok: colors.green, skipped: colors.dim, note: colors.cyan, warn: colors.yellow, fail: colors.red };
  const shown = findings.filter(({ result }) => verbose || result === 'warn' || result === 'fail' || result === 'note');
  const width = Math.max(0, ...shown.map(({ code }) => code.length));
  const lines = shown.flatMap(({ result, code, text, cure, link }) => {
    const head = `  ${paint[result](WORDS[result].padEnd(4))}  ${code.padEnd(width)}  ${text}`;
    const fix =
      cure === undefined || (result === 'note' && !verbose)
        ? []
        : [`${' '.repeat(width + 10)}${colors.dim(`fix: ${cure}; see ${link ?? ''}`)}`];
    return [head, ...fix];
  });
  return [headOf(facts, colors), ...lines, ...restOf(findings, verbose, colors), summaryOf(findings, colors)].join(
    '\n',
  );
}

function headOf({ connection, servers, cluster, api, now }: Facts, colors: Colors): string {
  const where = isMissing(servers) && !isMissing(api) ? api.url : connection.connect;
  if (isMissing(cluster)) return `${colors.bold('cluster')}  ${where}`;
  const { leader } = cluster.status;
  if (leader === null) return `${colors.bold('cluster')}  ${where}   ${colors.yellow('no leader')}`;
  const since = isMissing(api) || isMissing(api.election) ? null : api.election.since;
  const age = since === null ? '' : `, for ${formatElapsed(Math.max(now - since, 0))}`;
  return `${colors.bold('cluster')}  ${where}   leader ${leader.id}, epoch ${leader.epoch}${age}`;
}

function restOf(findings: readonly Finding[], verbose: boolean, colors: Colors): string[] {
  if (verbose) return [];
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  const skipped = count('skipped');
  return [
    `  ${colors.green('ok  ')}  ${count('ok')} checks${skipped === 0 ? '' : `, ${colors.dim(`${skipped} skipped`)}`} (--verbose lists them)`,
  ];
}

function summaryOf(findings: readonly Finding[], colors: Colors): string {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  const [fail, warn] = [count('fail'), count('warn')];
  if (fail + warn === 0) return colors.green('no problems');
  const parts = [
    fail === 0 ? '' : `${fail} problem${fail === 1 ? '' : 's'}`,
    warn === 0 ? '' : `${warn} warning${warn === 1 ? '' : 's'}`,
  ];
  return colors.bold(parts.filter(Boolean).join(', '));
}
