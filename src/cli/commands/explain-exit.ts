import { SamesourceError } from '../../model/error.ts';
import { paragraph } from '../../report/terminal/layout.ts';
import { errorsOf, exitName, exitProse } from '../exit-codes.ts';
import type { Session } from '../session.ts';

/** Says what a code means, and which errors end in it. */
export async function explainExit(session: Session, text: string): Promise<number> {
  const name = /^\d{1,3}$/.test(text) ? exitName(Number(text)) : undefined;
  if (name === undefined) {
    throw new SamesourceError('usage', `"${text}" is not an exit code of samesource`, {
      hint: 'samesource --help lists them',
    });
  }
  const errors = errorsOf(name);
  const width = Math.min(session.columns, 100);
  const document = { code: Number(text), name, means: exitProse[name], errors };
  if (session.flags.json === true) session.answer(document, () => '');
  else
    session.print(
      [
        `${text} ${name}`,
        paragraph(exitProse[name], width),
        ...errors.map(({ code, means }) => paragraph(`${code}: ${means}`, width, 2)),
        '',
      ].join('\n'),
    );
  return 0;
}
