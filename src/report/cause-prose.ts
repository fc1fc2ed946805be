/** What is said about each cause, for people who build nothing themselves. `fix` names the usual flag. */
import type { Cause, CauseKind } from '../model/difference.ts';

export interface CauseProse {
  /** A few words, as a heading. */
  readonly title: string;
  readonly why: string;
  /** What the makers of the file would change. */
  readonly fix: string;
}

const askForSource =
  'Ask the vendor for the exact source and build of this file. Until they answer, treat it as another program.';

export const causeProse: Readonly<Record<CauseKind, CauseProse>> = {
  'modified-after-build': {
    title: 'Changed after it was built',
    why: 'The released file still carries the marks of its build, and its contents no longer fit them: somebody changed the finished file.',
    fix: askForSource,
  },
  'changed-code': {
    title: 'Different program code',
    why: 'Instructions that run are not the ones that this source gives, and nothing harmless was found that would account for them.',
    fix: askForSource,
  },
  'only-on-one-side': {
    title: 'A file that only one side has',
    why: 'A file was added to the released package or left out of it.',
    fix: 'Build from a clean checkout of the tagged source, or explain where the file comes from.',
  },
  'changed-mode': {
    title: 'Different rights of a file',
    why: 'A file may be run, or runs with the rights of its owner, on one side only; or a link leads elsewhere.',
    fix: 'Set modes explicitly when packing: install -m, tar --mode.',
  },
  ambiguous: {
    title: 'A file that reads in two ways',
    why: 'Two programs could unpack different contents from the same bytes, so that what was checked need not be what is installed.',
    fix: 'Publish a file that follows its format strictly: no gaps, no names given twice, nothing before the start or after the end.',
  },
  'other-format': {
    title: 'Another kind of file',
    why: 'The two files are not even of the same format.',
    fix: 'Make sure that the released file and the output of the build are the same thing.',
  },
  overlay: {
    title: 'Bytes after the end of the program',
    why: 'Something was appended to a program. Nothing loads it by itself, but the program can read it.',
    fix: 'Release the program without it, or make the appended part in the build.',
  },
  'signature-payload': {
    title: 'More in the signature than a signature',
    why: 'The space of the signature holds bytes that no signature needs. A program can read them, and they are not covered by the signature.',
    fix: 'Sign again with a tool that adds nothing; put such data into the program itself.',
  },
  'changed-data': {
    title: 'Different data',
    why: 'Data inside the file differs and no cause was found for it.',
    fix: 'Rebuild twice with the same source: what then still differs is made by chance or from the surroundings.',
  },
  'changed-text': {
    title: 'Different text',
    why: 'Readable text differs and no cause was found for it. Text can be a script that runs.',
    fix: 'Compare the two versions line by line; rebuild from the very commit that was released.',
  },
  'not-read': {
    title: 'Not looked into',
    why: 'This part was not read further: its format is not known here, it is encrypted, or a limit was reached.',
    fix: 'Publish the parts unpacked, or in an open format.',
  },
  'cannot-tell': {
    title: 'Cause not found',
    why: 'The bytes differ, and every cause that is known here was ruled out.',
    fix: 'Rebuild with the surroundings varied to see which of them matters: samesource vary.',
  },
  'compiler-version': {
    title: 'Another compiler',
    why: 'Another version of the compiler or linker wrote other instructions from the same source.',
    fix: 'Pin the toolchain by digest and publish it with the release.',
  },
  'compiler-flags': {
    title: 'Other compiler settings',
    why: 'The same compiler was told to optimise or to build otherwise.',
    fix: 'Use the flags of the release: CFLAGS, -O2, RUSTFLAGS; record them with -frecord-gcc-switches.',
  },
  'target-cpu': {
    title: 'Built for another processor',
    why: 'The compiler was allowed to use instructions of a certain processor, often the one of the machine that built.',
    fix: 'Name a fixed processor instead of native: -march=x86-64-v2, -C target-cpu=x86-64.',
  },
  'dependency-version': {
    title: 'Another version of a dependency',
    why: 'A library or package that goes into the file had another version in the other build.',
    fix: 'Lock dependencies by version and digest and install from the lock: npm ci, cargo build --locked.',
  },
  'package-json': {
    title: 'Rewritten package.json',
    why: 'The publishing tool changed the description of the package.',
    fix: 'Publish with the same version of the tool: npm pack with a pinned npm.',
  },
  'link-order': {
    title: 'Parts in another order',
    why: 'The same functions and data were put together in another order.',
    fix: 'Sort the inputs of the linker: $(sort $(wildcard *.o)).',
  },
  stripped: {
    title: 'Names removed on one side',
    why: 'Names and tables that only debuggers read were removed from one of the files.',
    fix: 'Strip both or neither, with the same tool: strip, install -s, -s.',
  },
  'debug-sections': {
    title: 'Different debugging notes',
    why: 'Only parts that debuggers read differ; nothing that runs.',
    fix: '-fdebug-prefix-map, -g0, or strip --strip-debug.',
  },
  'build-path': {
    title: 'Built in another directory',
    why: 'The name of the directory in which it was built went into the file.',
    fix: 'Build in the directory of the release, or leave it out: -ffile-prefix-map=$PWD=., -trimpath, --remap-path-prefix.',
  },
  'build-date': {
    title: 'The time of the build',
    why: 'The file holds the date or time at which it was built.',
    fix: 'Set SOURCE_DATE_EPOCH to the time of the source; do not use __DATE__ and __TIME__.',
  },
  'vcs-revision': {
    title: 'Another revision of the source',
    why: 'The file names the revision it was built from, and it is not the one that was reviewed, or the tree had local changes.',
    fix: 'Build from a clean checkout of the tag: git describe --dirty must say nothing; -buildvcs=false.',
  },
  'random-id': {
    title: 'A number drawn by chance',
    why: 'The build draws a random number and writes it into the file.',
    fix: 'Derive it from the content, or fix the seed: -frandom-seed, PYTHONHASHSEED=0.',
  },
  'host-or-user': {
    title: 'Name of a machine or person',
    why: 'The name of the machine or of the user that built it went into the file.',
    fix: 'Set it: KBUILD_BUILD_HOST, KBUILD_BUILD_USER; or leave it out.',
  },
  'temporary-name': {
    title: 'Name of a temporary file',
    why: 'A temporary file had a name drawn by chance, and the name went into the file.',
    fix: 'Use fixed names for intermediate files, or strip the symbol that names them.',
  },
  'build-id': {
    title: 'Identifier of the build',
    why: 'A fingerprint that the linker makes differs because something else did.',
    fix: 'It follows when the rest is equal; else --build-id=none or a fixed one.',
  },
  'linker-timestamp': {
    title: 'Time of linking',
    why: 'The linker wrote the time at which it ran into the program. Nothing that runs depends on it.',
    fix: 'Link with --no-insert-timestamp (GNU ld, LLD) or /Brepro (Microsoft).',
  },
  'linker-record': {
    title: 'Record of the tools',
    why: "Microsoft's linker records which version of which tool made each part. The records name different tools.",
    fix: 'Build with the same versions of compiler and linker.',
  },
  'load-command-uuid': {
    title: 'Identity of the link',
    why: 'The linker gave the program another identity, by which debuggers find its symbols. It follows from the content or from chance.',
    fix: 'Use the same linker, with -reproducible and without -random_uuid.',
  },
  signature: {
    title: 'The signature of the vendor',
    why: 'Only the vendor can make it; whoever rebuilds cannot.',
    fix: 'Publish the signature on its own, so that it can be attached to a rebuilt file.',
  },
  'manifest-field': {
    title: 'A line of the manifest',
    why: 'The list of properties inside the package names the tools, the person or the time of the build.',
    fix: 'Leave out Created-By, Built-By, Build-Jdk and Bnd-LastModified.',
  },
  'bytecode-header': {
    title: 'Stamp of compiled Python',
    why: 'Compiled Python files name the time and size of their source.',
    fix: 'python -m compileall --invalidation-mode unchecked-hash, or ship no .pyc files.',
  },
  'archive-time': {
    title: 'Times of files in the archive',
    why: 'The archive notes when each file was last changed.',
    fix: 'tar --mtime=@$SOURCE_DATE_EPOCH, zip -X with TZ=UTC, ar D, gzip -n.',
  },
  'archive-order': {
    title: 'Files in another order',
    why: 'The archive holds the same files, packed in another order.',
    fix: 'tar --sort=name, or sort the list with LC_ALL=C.',
  },
  'archive-owner': {
    title: 'Owner of files in the archive',
    why: 'The archive notes who owned the files on the machine that packed them.',
    fix: 'tar --owner=0 --group=0 --numeric-owner.',
  },
  'archive-umask': {
    title: 'Rights that the packing machine gave',
    why: 'Files may be read or written by more people, or fewer, as the settings of the packing machine had it.',
    fix: 'umask 022 before packing, or tar --mode=u+rwX,go=rX.',
  },
  'archive-format': {
    title: 'Another dialect of the archive',
    why: 'The same content was written in another variant of the format.',
    fix: 'tar --format=ustar or --format=pax with exthdr.name fixed; pin the packing tool.',
  },
  'compressor-header': {
    title: 'Header of the compressed file',
    why: 'The compressor noted a name, a time or the system it ran on.',
    fix: 'gzip -n.',
  },
  compression: {
    title: 'Packed by another compressor',
    why: 'The content is the same; another program or level packed it.',
    fix: 'Pin the compressor and its level.',
  },
  'line-order': {
    title: 'Lines in another order',
    why: 'The same lines stand in another order, often because of the language of the machine.',
    fix: 'LC_ALL=C sort; sort before writing.',
  },
  'line-endings': {
    title: 'Other line endings',
    why: 'Lines end as on Windows on one side, and as on Unix on the other.',
    fix: 'git config core.autocrlf false; * text=auto eol=lf in .gitattributes.',
  },
  'key-order': {
    title: 'Keys in another order',
    why: 'The same names and values stand in another order.',
    fix: 'Write with sorted keys: json.dumps(..., sort_keys=True).',
  },
  'embedded-digest': {
    title: 'Checksum of another part',
    why: 'It follows from a difference elsewhere: a list of checksums names a file that differs.',
    fix: 'Nothing of its own: it goes when that difference goes.',
  },
};

/** The flag for this very case, and then the usual one, unless that says the same. */
export function fixesOf({ kind, fix }: Pick<Cause, 'kind' | 'fix'>): {
  readonly exact?: string;
  readonly usual?: string;
} {
  const usual = causeProse[kind].fix;
  if (fix === undefined) return { usual };
  return usual.startsWith(fix) ? { exact: fix } : { exact: fix, usual };
}
