/** The tree of commands. Each loads its code when it is chosen, so that `--help` starts fast. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { SamesourceError } from '../model/error.ts';
import { exitLine } from './exit-codes.ts';
import type { Io } from './io.ts';
import { screenWidth, startSession, type GlobalFlags, type Session } from './session.ts';

type Done = (exitCode: number) => void;

/** Starts the session once the flags are known. */
type Begin = (command: Command) => Session;

export function buildProgram(io: Io, signal: AbortSignal, done: Done): Command {
  const version = packageVersion();
  const program = root(io, version);
  const begin: Begin = (command) => startSession(io, command.optsWithGlobals<GlobalFlags>(), version, signal);
  addMain(program, begin, done);
  addStore(program, begin, done);
  addRest(program, begin, done);
  for (const command of everyCommand(program)) quietly(command, io);
  return program;
}

/** Help and version were asked for and printed. */
export function isAnswered(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** A command line that cannot be understood. */
export function usageOf(error: unknown): SamesourceError | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.help') {
    return new SamesourceError('usage', 'no command was given', { hint: 'samesource --help shows them' });
  }
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = /^\((.*)\)$/.exec(suggestion ?? '')?.[1]?.toLowerCase() ?? 'samesource --help shows what there is';
  return new SamesourceError('usage', message, { hint });
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

function root(io: Io, version: string): Command {
  return new Command('samesource')
    .description('Proves, or disproves, that a released binary was built from the source that reviewers inspected.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--json', 'print one JSON document and nothing else')
    .option('-q, --quiet', 'print nothing but errors; the exit code tells')
    .option('--no-color', 'no colour, as with NO_COLOR')
    .option('--verbose', 'print where a bug happened')
    .option('--store <dir>', 'where downloads and roots are kept')
    .addOption(new Option('--engine <name>', 'what runs the build').choices(['auto', 'bubblewrap', 'podman', 'docker']))
    .option('--mirror <name=url>', 'address of an archive: debian or debian-security', collect)
    .option('--snapshot <url>', 'archive of old package versions')
    .option('--offline', 'use what is in the store; ask no network')
    .option('--config <file>', 'configuration file')
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(screenWidth(io.stdout), 100),
      // With all their arguments the names leave no room to wrap what they do.
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText(
      'after',
      `\nExample:\n  $ samesource verify 'pkg:deb/debian/ca-certificates?distro=bookworm'\n\n${exitLine}`,
    );
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

function addMain(program: Command, begin: Begin, done: Done): void {
  program
    .command('verify')
    .description('rebuild released files from their source and compare them byte for byte')
    .argument('[target...]', 'package URL, claim file or its directory', undefined)
    .option('--only', 'of a package URL: this package alone, not its siblings from the same source')
    .option('--check', "of a package URL: run the package's own tests too")
    .addOption(new Option('--accept <outcome>', 'count this outcome as a match').choices(['explained']))
    .addOption(formatOption())
    .option('--output <dir>', 'keep the rebuilt files there')
    .option('--report-file <file>', 'save the verdict as JSON too')
    .addHelpText(
      'after',
      example("samesource verify 'pkg:deb/debian/jq@1.6-2.1?arch=amd64'", 'samesource verify release/samesource.yaml'),
    )
    .action(async (targets: string[], flags: object, command: Command) => {
      const { verify } = await import('./commands/verify.ts');
      done(await verify(begin(command), targets, flags));
    });
  program
    .command('lock')
    .description('resolve a claim to digests: samesource.lock.json')
    .argument('[claim]', 'claim file or its directory', '.')
    .addHelpText('after', example('samesource lock', 'samesource lock release/samesource.yaml'))
    .action(async (target: string, _flags: object, command: Command) => {
      const { lock } = await import('./commands/lock.ts');
      done(await lock(begin(command), target));
    });
  program
    .command('init')
    .description('write a claim: from a package URL, or by asking')
    .argument('[purl]', 'package URL')
    .option('--force', 'overwrite a claim that is there')
    .option('--only', 'this package alone, not its siblings from the same source')
    .option('--check', "run the package's own tests too")
    .addHelpText('after', example("samesource init 'pkg:deb/debian/jq?distro=bookworm'"))
    .action(async (purl: string | undefined, flags: object, command: Command) => {
      const { init } = await import('./commands/init.ts');
      done(await init(begin(command), purl, flags));
    });
  addCompare(program, begin, done);
  program
    .command('doctor')
    .description('run a trivial command in each engine; say what works here and what to type')
    .addHelpText('after', example('samesource doctor'))
    .action(async (_flags: object, command: Command) => {
      const { doctor } = await import('./commands/doctor.ts');
      done(await doctor(begin(command)));
    });
}

const reportFormats = ['terminal', 'json', 'markdown', 'html', 'diffoscope-json'] as const;

function formatOption(): Option {
  return new Option('--format <format>', 'how the report is written').choices(reportFormats).default('terminal');
}

function addCompare(program: Command, begin: Begin, done: Done): void {
  program
    .command('compare')
    .description('compare two files or two trees, and say why they differ')
    .argument('[released]', 'the file as shipped')
    .argument('[rebuilt]', 'the file as built from source')
    .addOption(formatOption())
    .option('--pairs <file>', 'compare many: lines of two paths with a tab between them; as terminal or json')
    .option('--allow <name@version>', 'declare an allowance, e.g. archive-time@1; may be given again', collect)
    .addOption(new Option('--accept <outcome>', 'count this outcome as a match').choices(['explained']))
    .option('--digests', 'hash large files too')
    .option('--diffoscope', "add diffoscope's own report, if it is installed")
    .option('--report-file <file>', 'save the comparison as JSON too')
    .addHelpText(
      'after',
      example('samesource compare shipped.deb built.deb', 'samesource compare a.jar b.jar --format html > why.html'),
    )
    .action(async (released: string | undefined, rebuilt: string | undefined, flags: object, command: Command) => {
      const { compare } = await import('./commands/compare.ts');
      done(
        await compare(
          begin(command),
          [released, rebuilt].filter((path) => path !== undefined),
          flags,
        ),
      );
    });
  program
    .command('ledger')
    .description('print which bytes of a file are what, none left out')
    .argument('<file>', 'the file')
    .addHelpText('after', example('samesource ledger libplover.so', 'samesource ledger app.jar --json'))
    .action(async (path: string, _flags: object, command: Command) => {
      const { ledger } = await import('./commands/ledger.ts');
      done(await ledger(begin(command), path));
    });
  program
    .command('report')
    .description('show a stored verdict or comparison again, in any format')
    .argument('<file>', 'what --report-file wrote')
    .addOption(formatOption())
    .addHelpText('after', example('samesource report verdict.json --format html > verdict.html'))
    .action(async (path: string, flags: { format: (typeof reportFormats)[number] }, command: Command) => {
      const { report } = await import('./commands/report.ts');
      done(await report(begin(command), path, flags.format));
    });
}

function addStore(program: Command, begin: Begin, done: Done): void {
  const store = program
    .command('store')
    .description('what was downloaded and made: list, shrink, check')
    .addHelpText('after', example('samesource store gc --max-size 5GB'));
  store
    .command('ls')
    .description('list what is in the store')
    .addHelpText('after', example('samesource store ls'))
    .action(async (_flags: object, command: Command) => {
      const { storeLs } = await import('./commands/store.ts');
      done(await storeLs(begin(command)));
    });
  store
    .command('gc')
    .description('remove what was not used for long; without options, for 30 days')
    .option('--max-size <size>', 'then remove the longest unused until this much is left, e.g. 5GB')
    .option('--older-than <time>', 'remove what was not used for this long, e.g. 30d')
    .addHelpText('after', example('samesource store gc --older-than 30d --max-size 5GB'))
    .action(async (flags: object, command: Command) => {
      const { storeGc } = await import('./commands/store.ts');
      done(await storeGc(begin(command), flags));
    });
  store
    .command('verify')
    .description('hash every file again and set damaged ones aside')
    .addHelpText('after', example('samesource store verify'))
    .action(async (_flags: object, command: Command) => {
      const { storeVerify } = await import('./commands/store.ts');
      done(await storeVerify(begin(command)));
    });
  store
    .command('path')
    .description('print the directory of the store')
    .addHelpText('after', example('du -sh "$(samesource store path)"'))
    .action(async (_flags: object, command: Command) => {
      const { storePath } = await import('./commands/store.ts');
      done(await storePath(begin(command)));
    });
}

function addRest(program: Command, begin: Begin, done: Done): void {
  program
    .command('toolchain')
    .description('the root file systems that builds run in')
    .addHelpText('after', example('samesource toolchain export --output toolchain.tar'))
    .command('export')
    .description('write the locked toolchain of a claim as an OCI image')
    .argument('[claim]', 'claim file or its directory', '.')
    .requiredOption('--output <path>', 'where to write it')
    .addOption(new Option('--form <form>', 'OCI layout or archive').choices(['layout', 'archive']).default('archive'))
    .addHelpText('after', example('samesource toolchain export --output toolchain.tar'))
    .action(async (target: string, flags: { output: string; form: 'layout' | 'archive' }, command: Command) => {
      const { toolchainExport } = await import('./commands/toolchain.ts');
      done(await toolchainExport(begin(command), target, flags));
    });
  program
    .command('schema')
    .description('print the JSON Schema of a document')
    .addArgument(new Argument('<document>', 'which one').choices(['claim', 'lock', 'verdict', 'comparison']))
    .addHelpText('after', example('samesource schema claim > claim.schema.json'))
    .action(async (name: 'claim' | 'lock' | 'verdict' | 'comparison', _flags: object, command: Command) => {
      const { schema } = await import('./commands/schema.ts');
      done(await schema(begin(command), name));
    });
  program
    .command('explain-exit')
    .description('say what an exit code means')
    .argument('<code>', 'exit code')
    .addHelpText('after', example('samesource explain-exit 2'))
    .action(async (code: string, _flags: object, command: Command) => {
      const { explainExit } = await import('./commands/explain-exit.ts');
      done(await explainExit(begin(command), code));
    });
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', example('source <(samesource completion bash)'))
    .action(async (shell: 'bash' | 'zsh' | 'fish', _flags: object, command: Command) => {
      const { completion } = await import('./commands/completion.ts');
      done(await completion(begin(command), program, shell));
    });
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Errors are thrown, never printed or exited with: that is for `run.ts`. */
function quietly(command: Command, io: Io): void {
  command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: () => {},
      outputError: () => {},
      getOutHasColors: () => false,
    });
}
