/** Builds pairs of programs with the compilers of this machine, and explains them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explain, type Explanation } from '../../src/explain/explain.ts';
import { bufferView } from '../../src/platform/view.ts';

export const workshop = { keep: () => Promise.reject(new Error('nothing is kept')), count: () => undefined };

export function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function explained(released: Buffer, rebuilt: Buffer): Promise<Explanation> {
  return explain(bufferView(released), bufferView(rebuilt), 'plover', workshop);
}

/** The causes in the order of the report. */
export async function causesOf(released: Buffer, rebuilt: Buffer): Promise<Explanation['difference']['causes']> {
  return (await explained(released, rebuilt)).difference.causes;
}

/** Writes the files into `directory` and runs a compiler there; gives the file `out`. */
export function built(
  directory: string,
  files: Readonly<Record<string, string>>,
  command: readonly [program: string, ...args: string[]],
  out = 'out',
): Buffer {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const [program, ...args] = command;
  execFileSync(program, args, { cwd: directory, stdio: 'pipe' });
  return readFileSync(join(directory, out));
}

/** A program of two files with strings, a table, assertions, and a comparison that matters. */
export const sources = {
  'grove.c': `#include <assert.h>
#include <string.h>
const char *fruits[] = {"plover", "quince", "medlar", "damson"};
int weigh(int x) { switch (x) { case 0: return 5; case 1: return 99; case 2: return 123; case 3: return 7;
  case 4: return 1001; case 5: return 17; case 6: return 2; default: return x * 3; } }
int admit(const char *word) { assert(word); if (strlen(word) == 42) return 1; return weigh((int)strlen(word)); }
`,
  'main.c': `#include <stdio.h>
#ifndef NOTE
#define NOTE "a medlar"
#endif
extern const char *fruits[]; int admit(const char *); int weigh(int);
int main(int count, char **words) { puts(NOTE); printf("%s %d %d\\n", fruits[count & 3], admit(words[0]), weigh(count));
  return 0; }
`,
};
