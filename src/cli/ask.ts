/** Asks on a terminal for what a claim needs, each answer checked by the rule of the claim's schema. */
import { createInterface, type Interface } from 'node:readline/promises';
import * as rules from '../claim/rules.ts';
import { printable } from '../format/printable.ts';
import { looksLikePurl } from '../format/purl.ts';
import { writeYaml } from '../format/yaml.ts';
import { isGitId } from '../model/digest.ts';
import { SamesourceError } from '../model/error.ts';
import type { Keyboard, Screen } from './io.ts';

export type Asked =
  | { readonly kind: 'purl'; readonly purl: string }
  /** A claim in its YAML form. */
  | { readonly kind: 'claim'; readonly text: string };

interface Question {
  readonly text: string;
  readonly otherwise?: string;
  /** What is wrong with an answer, or nothing. */
  readonly rule?: (answer: string) => string | undefined;
}

const questions = {
  name: { text: 'What is it called, with version and platform?' },
  git: { text: 'Address of the git repository?', rule: rules.gitUrl },
  tag: { text: 'Tag that was reviewed?', rule: rules.tag },
  commit: { text: 'Full id of its commit?', rule: commitRule },
  suite: { text: 'Debian suite of the toolchain?', otherwise: 'bookworm', rule: rules.suite },
  packages: { text: 'Its packages, by name?', otherwise: 'gcc libc6-dev make' },
  platform: { text: 'Platform?', otherwise: 'linux/amd64', rule: platformRule },
  dir: { text: 'Where does the source lie while it is built?', otherwise: '/build/source', rule: rules.buildDir },
  run: { text: 'Command that builds it?', otherwise: 'make' },
  path: { text: 'Path of the built file, from there?', rule: rules.artifactPath },
  released: { text: 'URL or path of the file that was shipped?', rule: rules.location },
} as const satisfies Record<string, Question>;

type Answers = Readonly<Record<keyof typeof questions, string>>;

export async function askForClaim(input: Keyboard, output: Screen, signal: AbortSignal): Promise<Asked> {
  const terminal = createInterface({ input, output });
  const closed = whenClosed(terminal);
  const ask = async (question: Question): Promise<string> => {
    const hint = question.otherwise === undefined ? '' : ` [${question.otherwise}]`;
    for (;;) {
      const typed = (await Promise.race([terminal.question(`${question.text}${hint} `, { signal }), closed])).trim();
      const answer = typed === '' ? (question.otherwise ?? '') : typed;
      const wrong = answer === '' ? 'is needed' : question.rule?.(answer);
      if (wrong === undefined) return answer;
      output.write(`${printable(`"${answer}" ${wrong}`)}\n`);
    }
  };
  try {
    const purl = await ask({ text: 'Package URL, or - to describe a git repository?', otherwise: '-', rule: purlRule });
    if (purl !== '-') return { kind: 'purl', purl };
    const answers: [string, string][] = [];
    for (const [key, question] of Object.entries(questions)) answers.push([key, await ask(question)]);
    return { kind: 'claim', text: claimText(Object.fromEntries(answers) as Answers) };
  } finally {
    terminal.close();
  }
}

function commitRule(answer: string): string | undefined {
  return isGitId(answer) ? undefined : 'is not a full id: give all 40 (or 64) lower-case hex digits';
}

function purlRule(answer: string): string | undefined {
  return answer === '-' || looksLikePurl(answer) ? undefined : 'does not begin with pkg:';
}

function platformRule(answer: string): string | undefined {
  return ['linux/amd64', 'linux/arm64'].includes(answer) ? undefined : 'is neither linux/amd64 nor linux/arm64';
}

/** Rejects when the reader ends the input, or interrupts it: the terminal hands no signal on meanwhile. */
function whenClosed(terminal: Interface): Promise<never> {
  terminal.once('SIGINT', () => terminal.close());
  const closed = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new SamesourceError('interrupted', 'stopped before all was answered')));
  });
  closed.catch(() => undefined);
  return closed;
}

function claimText(answers: Answers): string {
  const { name, git, tag, commit, suite, packages, platform, dir, run, path, released } = answers;
  const claim = {
    claim: 1,
    name,
    source: { git, tag, commit },
    toolchain: { debian: { suite, packages: packages.split(/[\s,]+/) }, platform },
    build: { dir, env: { SOURCE_DATE_EPOCH: 'auto' }, run },
    artifacts: [{ path, released }],
  };
  return writeYaml(claim, 'asked', {});
}
