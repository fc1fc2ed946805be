import { printable } from '../../format/printable.ts';
import { formatPurl } from '../../format/purl.ts';
import type { Verdict } from '../../model/verdict.ts';

/** One command that asks the same question again; never cut, since it is there to be copied. */
export function repeatCommand(verdict: Verdict, width: number): string {
  const command = commandFor(verdict);
  const line = `  ${printable(command)}`;
  return line.length <= width ? line : line.replace(' verify ', ' verify \\\n    ');
}

function commandFor(verdict: Verdict): string {
  const { source, artifacts } = verdict.claim.text;
  const released = artifacts[0]?.released;
  if (source.kind !== 'debian' || released?.kind !== 'debian') {
    return 'samesource verify  # in the directory of the claim and its lock';
  }
  const purl = formatPurl({
    type: 'deb',
    namespace: 'debian',
    name: released.package,
    version: released.version,
    qualifiers: { arch: released.arch },
  });
  return `samesource verify '${purl.replaceAll("'", '%27')}'`;
}
