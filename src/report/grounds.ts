import type { SignatureCheck, TreeDrift } from '../model/lock.ts';
import type { SourceIdentity, Verdict } from '../model/verdict.ts';

export type GroundRow = readonly [label: string, value: string];

/** What the verdict rests on: source, toolchain, engine, recipe. Values are untrusted. */
export function groundRows(verdict: Verdict): readonly GroundRow[] {
  const { source, toolchain, engine, build } = verdict;
  return [
    ...(source === undefined ? [] : sourceRows(source)),
    ...(toolchain === undefined
      ? []
      : [row('toolchain', `${toolchain.summary}, ${toolchain.platform}`), row('', toolchain.digest)]),
    ...(engine === undefined ? [] : [row('engine', engineText(engine))]),
    ...(build === undefined ? [] : [row('build', `in ${build.dir}, ${build.seconds.toFixed(1)} s`)]),
  ];
}

function row(label: string, value: string): GroundRow {
  return [label, value];
}

function engineText(engine: NonNullable<Verdict['engine']>): string {
  const lacks = engine.lacks.length === 0 ? '' : `; lacks here: ${engine.lacks.join(', ')}`;
  return `${engine.name} ${engine.version} (${engine.origin})${lacks}`;
}

function sourceRows(source: SourceIdentity): GroundRow[] {
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
          : ([['against', `${source.against.url} at commit ${source.against.commit}`]] satisfies GroundRow[])),
        ...(source.drift === undefined ? [] : ([['', driftText(source.drift)]] satisfies GroundRow[])),
      ];
    case 'debian':
      return [
        ['source', `Debian source package ${source.package} ${source.version}`],
        ['', source.files[0]?.sha256 ?? ''],
        ...(source.binNmu === undefined
          ? []
          : ([['', 'with the changelog entry of a binary-only rebuild']] satisfies GroundRow[])),
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
