import type { Command } from 'commander';
import { completionScripts, type Shell, type Verb } from '../completion-scripts.ts';
import type { Session } from '../session.ts';

/** Prints a script made from the tree of commands itself, so that it cannot fall behind. */
export async function completion(session: Session, program: Command, shell: Shell): Promise<number> {
  session.print(completionScripts[shell](verbsOf(program)));
  return 0;
}

/** Every command by its words after the program's name; the program itself has none. */
function verbsOf(program: Command): Verb[] {
  const shared = program.options.map(toOption);
  const walk = (command: Command, words: readonly string[]): Verb[] => [
    {
      words,
      summary: command.description(),
      verbs: command.commands.map((child) => ({ name: child.name(), summary: child.description() })),
      options: command === program ? shared : [...command.options.map(toOption), ...shared],
      choices: command.registeredArguments[0]?.argChoices ?? [],
    },
    ...command.commands.flatMap((child) => walk(child, [...words, child.name()])),
  ];
  return walk(program, []);
}

function toOption(option: Command['options'][number]): Verb['options'][number] {
  return { name: option.long ?? option.flags, summary: option.description };
}
