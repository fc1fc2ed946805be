import type { SignatureCheck, TreeDrift } from '../../model/lock.ts';
import type { SourceIdentity, Verdict } from '../../model/verdict.ts';
import { field } from './layout.ts';

/** What the verdict rests on: source, toolchain, engine, recipe. */
export function groundLines(verdict: Verdict, width: number): string {
  const { toolchain, engine, build } = verdict;
  const rows: [label: string, value: string][] = [
    ...(verdict.source === undefined ? [] : sourceRows(verdict.source)),
    ...(toolchain === undefined
      ? []
      : ([
          ['toolchain', `${toolchain.summary}, ${toolchain.platform}`],
          ['', toolchain.digest],
        ] satisfies typeof rows)),
    ...(engine === undefined ? [] : ([['engine', engineText(engine)]] satisfies typeof rows)),
    ...(build === undefined
      ? []
      : ([['build', `in ${build.dir}, ${build.seconds.toFixed(1)} s`]] satisfies typeof rows)),
  ];
  return rows.map(([label, value]) => field(label, value, width)).join('\n');
}

function engineText(engine: NonNullable<Verdict['engine']>): string {
  const lacks = engine.lacks.length === 0 ? '' : `; lacks here: ${engine.lacks.join(', ')}`;
  return `${engine.name} ${engine.version} (${engine.origin})${lacks}`;
}

function sourceRows(source: SourceIdentity): [label: string, value: string][] {
  switch (source.kind) {
    case 'git':
      return [
        ['source', `git ${source.url}${source.ref === undefined ? '' : ` ${source.ref}`}`],
        ['commit', source.commit],
        ['tree', source.tree],
        ['directory', source.dirHash],
        ['signature', signatureText(source.signature)],
      ];
    case 'archive':
      return [
        ['source', source.url],
        ['', source.sha256],
        ...(source.against === undefined
          ? []
          : ([['against', `${source.against.url} at commit ${source.against.commit}`]] satisfies [string, string][])),
        ...(source.drift === undefined ? [] : ([['', driftText(source.drift)]] satisfies [string, string][])),
      ];
    case 'debian':
      return [
        ['source', `Debian source package ${source.package} ${source.version}`],
        ['', source.files[0]?.sha256 ?? ''],
        ...(source.binNmu === undefined
          ? []
          : ([['', 'with the changelog entry of a binary-only rebuild']] satisfies [string, string][])),
        ['signature', signatureText(source.signature)],
      ];
  }
}

function signatureText(signature: SignatureCheck): string {
  switch (signature.status) {
    case 'not-required':
      return 'none was required';
    case 'valid':
      return `valid, by ${signature.by} (${signature.fingerprint})`;
    case 'unknown-key':
      return `by key ${signature.keyId}, which is not known here: not counted`;
  }
}

function driftText(drift: TreeDrift): string {
  const parts = (['extra', 'missing', 'changed'] as const)
    .filter((kind) => drift[kind].length > 0)
    .map(
      (kind) =>
        `${drift[kind].length} ${kind}: ${drift[kind].slice(0, 5).join(', ')}${drift[kind].length > 5 ? ', ...' : ''}`,
    );
  return parts.length === 0
    ? 'the archive holds exactly that tree'
    : `the archive is not that tree: ${parts.join('; ')}`;
}
