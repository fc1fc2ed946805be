/** Completion scripts: one function per shell, from the tree of commands as plain data. */

export type Shell = 'bash' | 'zsh' | 'fish';

export interface Verb {
  /** After the program's name; none for the program itself. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly verbs: readonly Named[];
  readonly options: readonly Named[];
  /** Words that the first argument may be. */
  readonly choices: readonly string[];
}

interface Named {
  readonly name: string;
  readonly summary: string;
}

export const completionScripts = { bash, zsh, fish } satisfies Record<Shell, (verbs: readonly Verb[]) => string>;

/** The words of the command so far, without options, choose the list. */
const findVerb = `  local verb='' word
  for word in "\${words[@]:1:$((current - 1))}"; do
    case "$verb $word" in
VERBS
    esac
  done`;

function bash(verbs: readonly Verb[]): string {
  return `# samesource completion for bash: source <(samesource completion bash)
_samesource() {
  local words=("\${COMP_WORDS[@]}") current=$COMP_CWORD
${findVerb.replace('VERBS', verbCases(verbs))}
  case "$verb" in
${verbs.map((verb) => `    '${verb.words.join(' ')}') COMPREPLY=($(compgen -W '${candidates(verb)}' -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`).join('\n')}
  esac
}
complete -o default -F _samesource samesource
`;
}

function zsh(verbs: readonly Verb[]): string {
  return `#compdef samesource
# samesource completion for zsh: source <(samesource completion zsh)
_samesource() {
  setopt localoptions ksharrays
  local current=$((CURRENT - 1))
${findVerb.replace('VERBS', verbCases(verbs))}
  case "$verb" in
${verbs.map((verb) => `    '${verb.words.join(' ')}') compadd -- ${candidates(verb)} ;;`).join('\n')}
  esac
  _files
}
compdef _samesource samesource
`;
}

/** \`VERB-SO-FAR WORD\` leads to the next verb. */
function verbCases(verbs: readonly Verb[]): string {
  return verbs
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => `      '${words.slice(0, -1).join(' ')} ${words.at(-1) ?? ''}') verb='${words.join(' ')}' ;;`)
    .join('\n');
}

function candidates(verb: Verb): string {
  return [...verb.verbs.map(({ name }) => name), ...verb.choices, ...verb.options.map(({ name }) => name)].join(' ');
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => {
    const when = condition(verb);
    return [
      ...verb.verbs.map(
        ({ name, summary }) => `complete -c samesource -f -n '${when}' -a ${name} -d ${quoted(summary)}`,
      ),
      ...verb.choices.map((choice) => `complete -c samesource -f -n '${when}' -a ${choice}`),
      ...verb.options.map(
        ({ name, summary }) => `complete -c samesource -n '${when}' -l ${name.slice(2)} -d ${quoted(summary)}`,
      ),
    ];
  });
  return `# samesource completion for fish: samesource completion fish | source\n${lines.join('\n')}\n`;
}

function condition(verb: Verb): string {
  const [first, second] = verb.words;
  if (first === undefined) return '__fish_use_subcommand';
  const below = verb.verbs.map(({ name }) => name).join(' ');
  const seen = `__fish_seen_subcommand_from ${first}`;
  if (second !== undefined) return `${seen}; and __fish_seen_subcommand_from ${second}`;
  return below === '' ? seen : `${seen}; and not __fish_seen_subcommand_from ${below}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
