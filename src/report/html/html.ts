/**
 * One page that carries its evidence with it: it needs no network and its policy forbids it any. Its
 * script and style are ours, named by their digests; nothing else on it can run or load.
 */
import { hexDigest } from '../../platform/digest.ts';
import { subjectsOf } from '../subjects.ts';
import type { Document } from '../types.ts';
import { embedded, embeddedJson } from './embedded.ts';
import { knownFiles } from './known-files.ts';
import { markup, type Markup, trusted } from './markup.ts';
import { pageScript } from '../page-script.ts';
import { allowances } from './sections/allowances.ts';
import { causeSection } from './sections/causes.ts';
import { chain } from './sections/chain.ts';
import { checked } from './sections/checked.ts';
import { compared } from './sections/compared.ts';
import { details } from './sections/details.ts';
import { dropZone } from './sections/drop-zone.ts';
import { fileSection } from './sections/files.ts';
import { hero, titleOf } from './sections/hero.ts';
import { repeat } from './sections/repeat.ts';
import { secondOpinion } from './sections/second-opinion.ts';
import { style } from './style.ts';

export function html(document: Document): string {
  const script = pageScript();
  const subjects = subjectsOf(document);
  const known = knownFiles(subjects);
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy(script))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${titleOf(document)}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
${hero(document, subjects)}
<main id="main" class="wrap">
${sections(document).map((section) => markup`${section}\n`)}
</main>
<footer class="wrap">Made by samesource ${document.samesource} from one document, which this page carries. It loads nothing and sends nothing.</footer>
<script type="application/json" id="known-files">${trusted(embeddedJson(known))}</script>
<script type="application/json" id="document">${trusted(embeddedJson(embedded(document)))}</script>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return page.markup;
}

/** In the order in which a reader asks. */
function sections(document: Document): readonly Markup[] {
  const subjects = subjectsOf(document);
  return [
    ...compared(document, subjects),
    ...dropZone(knownFiles(subjects)),
    checked(document, subjects),
    chain(document, subjects),
    ...causeSection(subjects),
    ...fileSection(subjects),
    ...allowances(subjects),
    ...[secondOpinion(document) ?? []].flat(),
    repeat(document),
    details(document),
  ];
}

function policy(script: string): string {
  return [
    "default-src 'none'",
    `script-src 'sha256-${base64Digest(script)}'`,
    `style-src 'sha256-${base64Digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function base64Digest(text: string): string {
  return Buffer.from(hexDigest('sha256', Buffer.from(text)), 'hex').toString('base64');
}
