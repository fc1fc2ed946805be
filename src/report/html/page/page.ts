/**
 * What the HTML report does in the reader's browser: it hashes the file that they hold and says which
 * file that is. It asks no network, which the page's own policy forbids. Bundled into one script by
 * the build. Text reaches the page as text only, never as markup.
 */
import { hashFile } from './hash-file.ts';
import { answerFor, type KnownFile } from '../answer.ts';

/** Counts the files that were given, so that a slow one does not speak for the next. */
let turn = 0;

function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

function knownFiles(): readonly KnownFile[] {
  return JSON.parse(element('known-files', HTMLScriptElement).text) as readonly KnownFile[];
}

function start(): void {
  addCopyButtons();
  openForPrint();
  if (document.getElementById('drop') === null) return;
  element('drop', HTMLElement).hidden = false;
  const pick = element('pick', HTMLInputElement);
  pick.addEventListener('change', () => {
    const file = pick.files?.[0];
    if (file !== undefined) void check(file);
  });
  acceptDrops();
}

/** Anywhere on the page: a file that misses the zone would replace the page otherwise. */
function acceptDrops(): void {
  const zone = element('drop', HTMLElement);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    zone.classList.add('over');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) zone.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('over');
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) void check(file);
  });
}

async function check(file: File): Promise<void> {
  turn += 1;
  const mine = turn;
  const progress = element('progress', HTMLProgressElement);
  progress.hidden = false;
  progress.value = 0;
  say('', `Reading ${file.name} ...`, '');
  try {
    const sha256 = await hashFile(file, (done) => {
      if (turn === mine) progress.value = file.size === 0 ? 1 : done / file.size;
      return turn === mine;
    });
    if (sha256 === undefined) return;
    const { tone, text } = answerFor(sha256, knownFiles());
    say(tone, text, sha256);
  } catch {
    if (turn === mine) say('unsure', `${file.name} could not be read.`, '');
  }
  if (turn === mine) progress.hidden = true;
}

function say(tone: string, text: string, sha256: string): void {
  const answer = element('answer', HTMLElement);
  answer.className = tone === '' ? 'answer' : `answer ${tone}`;
  element('answer-text', HTMLElement).textContent = text;
  const groups = (sha256.match(/.{4}/g) ?? []).flatMap((group) => {
    const span = document.createElement('span');
    span.textContent = group;
    return [span, document.createElement('wbr')];
  });
  element('answer-hash', HTMLElement).replaceChildren(...groups);
}

function addCopyButtons(): void {
  for (const text of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy ${text.dataset['copy'] ?? ''}`);
    button.addEventListener('click', () => void copy(text, button));
    text.after(button);
  }
}

async function copy(text: HTMLElement, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = 'Copied';
  } catch {
    // Not allowed here: then the reader copies what is selected.
    getSelection()?.selectAllChildren(text);
    button.textContent = 'Selected';
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

/** Paper has nothing to click: older browsers print closed parts as closed. */
function openForPrint(): void {
  addEventListener('beforeprint', () => {
    for (const part of document.querySelectorAll('details')) part.open = true;
  });
}

start();
