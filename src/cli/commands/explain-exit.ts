import { SamesourceError } from '../../model/error.ts';
import { errorsOf, exitName, exitProse } from '../exit-codes.ts';
import type { Session } from '../session.ts';

export async function explainExit(session: Session, text: string): Promise<number> {
  const name = /^\d{1,3}$/.test(text) ? exitName(Number(text)) : undefined;
  if (name === undefined) {
    throw new SamesourceError('usage', `"${text}" is not an exit code of samesource`, {
      hint: 'samesource --help lists them',
    });
  }
  const errors = errorsOf(name);
  const document = { code: Number(text), name, means: exitProse[name], errors };
  if (session.flags.json === true) session.answer(document, () => '');
  else
    session.print(
      `${text} ${name}\n${exitProse[name]}\n${errors.map(({ code, means }) => `  ${code}: ${means}\n`).join('')}`,
    );
  return 0;
}
