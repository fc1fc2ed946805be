/** The style of the page. No fonts, images or addresses: the page's own policy forbids them. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #fff; --ink: #1d1c1a; --soft: #5c5850; --line: #ddd9cf; --faint: #efede6;
  --same: #17603a; --same-tint: #e3f1e8; --bad: #9c1f1b; --bad-tint: #fbe6e3;
  --unsure: #6f4700; --unsure-tint: #fbeed3; --odd: #67298a; --odd-tint: #f2e7f8; --link: #1d4f91;
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #131312; --card: #1c1c1a; --ink: #ecebe5; --soft: #aba79d; --line: #383732; --faint: #252522;
    --same: #7ad3a0; --same-tint: #14281c; --bad: #ff9d94; --bad-tint: #371816;
    --unsure: #f0c15f; --unsure-tint: #2f240f; --odd: #d8abee; --odd-tint: #2c1c36; --link: #94bdf5;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--text); overflow-wrap: anywhere; }
.wrap { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure, pre { margin: 0; }
ul, ol { padding: 0; list-style: none; }
h2 { font-size: 1.3rem; line-height: 1.25; letter-spacing: -.01em; margin-bottom: .9rem; }
h3 { font-size: 1.05rem; line-height: 1.35; }
h4 { font-size: .82rem; font-weight: 600; color: var(--soft); }
section { padding: 2.1rem 0 0; }
code, pre, .mono { font-family: var(--mono); font-size: .875em; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.25rem; }
.columns { display: grid; gap: 1.4rem 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
.gap > * + * { margin-top: .55rem; }
.stack > * + * { margin-top: 1.5rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: .2rem; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); color: var(--link); padding: .5rem .8rem; }

.same { --tone: var(--same); --tint: var(--same-tint); }
.bad { --tone: var(--bad); --tint: var(--bad-tint); }
.unsure { --tone: var(--unsure); --tint: var(--unsure-tint); }
.odd { --tone: var(--odd); --tint: var(--odd-tint); }

.hero { background: var(--tint); border-bottom: 1px solid var(--line); border-top: .4rem solid var(--tone); }
.hero .wrap { padding-top: 2.2rem; padding-bottom: 2.3rem; }
.hero .word { display: inline-flex; align-items: center; gap: .55rem; color: var(--tone); font-weight: 700; font-size: .9rem; letter-spacing: .09em; }
.hero .word svg { width: 1.7rem; height: 1.7rem; flex: none; }
.hero h1 { font-size: clamp(1.75rem, 1.1rem + 2.9vw, 3rem); line-height: 1.12; letter-spacing: -.022em; font-weight: 680; margin: .8rem 0 .9rem; max-width: 22em; text-wrap: balance; }
.hero .lead { font-size: 1.12rem; max-width: 46em; }
.hero .lead + .lead { margin-top: .5rem; }
.hero .facts { margin-top: 1.2rem; color: var(--soft); font-size: .9rem; }
.loud { font-weight: 650; color: var(--tone); }

.side { color: var(--soft); font-size: .82rem; font-weight: 600; letter-spacing: .02em; }
.hash { display: block; font-family: var(--mono); font-size: 1rem; line-height: 1.75; max-width: 24.5em; user-select: all; -webkit-user-select: all; }
.hash span { margin-right: .55em; white-space: nowrap; }
.copy, .pick { font: inherit; font-size: .85rem; font-weight: 600; color: var(--link); background: var(--faint); border: 1px solid var(--line); border-radius: .4rem; padding: .25rem .7rem; cursor: pointer; min-height: 2rem; }
.copy { margin-top: .4rem; }
.copy:hover, .pick:hover { border-color: var(--link); }

.drop { border: 2px dashed var(--soft); border-radius: .6rem; padding: 1.4rem 1.25rem; background: var(--card); text-align: center; }
.drop.over { border-color: var(--link); background: var(--faint); }
.drop p + p { margin-top: .4rem; }
.drop input { font: inherit; max-width: 100%; margin-top: .8rem; }
.drop input::file-selector-button { font: inherit; font-weight: 600; color: var(--link); background: var(--faint); border: 1px solid var(--line); border-radius: .4rem; padding: .45rem .9rem; margin-right: .8rem; cursor: pointer; }
progress { width: min(100%, 24rem); height: .6rem; margin-top: .8rem; accent-color: var(--link); }
.answer { margin-top: .9rem; font-size: 1.1rem; font-weight: 650; }
.answer.same, .answer.rebuilt, .answer.other, .answer.unsure { color: var(--tone); background: var(--tint); border-radius: .5rem; padding: .8rem 1rem; }
.answer.rebuilt { --tone: var(--unsure); --tint: var(--unsure-tint); }
.answer.other { --tone: var(--bad); --tint: var(--bad-tint); }
.answer .hash { margin: .3rem auto 0; font-size: .9rem; font-weight: 400; }

.points li { padding-left: 1.5rem; position: relative; }
.points li + li { margin-top: .4rem; }
.points li::before { position: absolute; left: 0; font-weight: 700; content: "\\2713"; color: var(--same); }
.points.not li::before { content: "\\2013"; color: var(--soft); }

.chain { display: flex; align-items: stretch; gap: 2.4rem; }
.chain > li { position: relative; flex: 1 1 0; min-width: 0; }
.chain > li + li:not(.sign):not(.end)::before { content: "\\2192"; position: absolute; left: -2.4rem; width: 2.4rem; text-align: center; top: 50%; transform: translateY(-50%); font-size: 1.4rem; color: var(--soft); }
.chain .sign { flex: none; align-self: center; width: 4.4rem; margin: 0 -2rem; text-align: center; }
.chain .sign b { display: grid; place-items: center; width: 3.2rem; height: 3.2rem; margin: 0 auto; border-radius: 50%; color: var(--tone); background: var(--tint); border: 2px solid var(--tone); font-size: 1.7rem; line-height: 1; }
.chain .sign small { display: block; margin-top: .3rem; font-size: .74rem; line-height: 1.25; color: var(--soft); }
.chain .card { height: 100%; }
.chain .card p { font-size: .875rem; }
@media screen and (max-width: 52rem) {
  .chain { flex-direction: column; gap: 2rem; }
  .chain > li + li:not(.sign):not(.end)::before { content: "\\2193"; left: 0; width: 100%; top: -2rem; transform: none; line-height: 2rem; }
  .chain .sign { width: auto; margin: -1.2rem auto; }
}

.cause { border-left: .35rem solid var(--tone); }
.cause + .cause { margin-top: .9rem; }
.cause .top { display: flex; flex-wrap: wrap; gap: .3rem .7rem; align-items: baseline; }
.pill { font-size: .74rem; font-weight: 700; letter-spacing: .05em; color: var(--tone); background: var(--tint); border-radius: 1rem; padding: .12rem .6rem; white-space: nowrap; }
.pill.plain { color: var(--soft); background: var(--faint); }
.summary { font-size: 1.02rem; }
.scale { display: block; margin-top: .35rem; width: min(100%, 22rem); height: .45rem; border-radius: .3rem; background: var(--faint); }
.scale .done { fill: var(--same); }
.scale .left { fill: var(--bad); }
.cosmetic { --tone: var(--same); --tint: var(--same-tint); }
.notable { --tone: var(--unsure); --tint: var(--unsure-tint); }
.grave { --tone: var(--bad); --tint: var(--bad-tint); }
.residual { border-left: .35rem solid var(--bad); margin-bottom: .9rem; --tone: var(--bad); }
.residual .big { font-size: 1.25rem; font-weight: 680; color: var(--bad); line-height: 1.3; }

summary { cursor: pointer; }
details > summary { color: var(--link); font-weight: 600; font-size: .9rem; }
details[open] > summary { margin-bottom: .6rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: .6rem; margin-top: .35rem; }
.pair > div { background: var(--faint); border-radius: .4rem; padding: .55rem .75rem; min-width: 0; }
.delta + .delta { margin-top: 1rem; }
.hex { font-size: .8rem; line-height: 1.5; white-space: pre; overflow-x: auto; }
.hex i { font-style: normal; color: var(--soft); }
.text { font-family: var(--mono); font-size: .82rem; white-space: pre-wrap; margin-top: .3rem; }
mark { background: var(--bad-tint); color: var(--bad); font-weight: 700; border-radius: .15rem; }
.views { border: 0; padding: 0; margin: 0 0 1rem; display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; font-size: .9rem; }
.views legend { float: left; margin-right: 1rem; color: var(--soft); padding: .2rem 0; }
.views label { cursor: pointer; padding: .2rem 0; }
body:has(#view-hex:checked) .delta.both .text, body:has(#view-text:checked) .delta.both .hex { display: none; }

.file { border-top: 1px solid var(--line); }
.file:last-child { border-bottom: 1px solid var(--line); }
.files .row { display: grid; grid-template-columns: minmax(0, 1fr) 8rem 8rem 11rem; gap: .1rem 1rem; padding: .42rem .2rem; color: var(--ink); font-weight: 400; font-size: .92rem; }
.files .row.head { color: var(--soft); font-size: .82rem; font-weight: 600; }
.files .narrow { display: none; }
.files .name { font-family: var(--mono); font-size: .86rem; }
.files .row > :nth-child(4) { text-align: right; font-variant-numeric: tabular-nums; }
.files details > .row .name { color: var(--link); }
.files details > .row .name::before { content: "\\25B8\\00A0"; }
.files details[open] > .row .name::before { content: "\\25BE\\00A0"; }
.files summary.row::-webkit-details-marker { display: none; }
.files .inside { padding: .2rem .2rem 1.2rem 1.2rem; }
.files .more { border-top: 1px solid var(--line); }
.files .more > summary { padding: .6rem .2rem; margin: 0; }
.open { color: var(--bad); font-weight: 650; }
@media screen and (max-width: 44rem) {
  .wrap { padding: 0 1rem; }
  .card { padding: .9rem; }
  .cause.card { padding-left: .75rem; }
  .pair > div { padding: .5rem .6rem; }
  .hex { font-size: .69rem; }
  .files .row { grid-template-columns: auto auto 1fr; }
  .files .row.head { display: none; }
  .files .name { grid-column: 1 / -1; }
  .files .narrow { display: inline; }
  .files .inside { padding-left: .2rem; }
}

.rows { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .45rem 1.2rem; font-size: .92rem; }
.rows dt { color: var(--soft); }
@media (max-width: 36rem) { .rows { grid-template-columns: 1fr; gap: .1rem; } .rows dd { margin-bottom: .5rem; } }
.command { display: block; white-space: pre-wrap; background: var(--faint); border-radius: .4rem; padding: .7rem .9rem; user-select: all; -webkit-user-select: all; }
footer.wrap { margin-top: 2.6rem; padding-top: 1.2rem; padding-bottom: 2.5rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; }

@media print {
  :root { --paper: #fff; --faint: #f3f2ee; color-scheme: light; }
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  section { padding-top: 1.2rem; }
  .hero .wrap { padding-top: 1rem; padding-bottom: 1.1rem; }
  .hero h1 { font-size: 22pt; }
  .drop, .copy, .views, .skip, .screen { display: none; }
  .wrap { max-width: none; padding: 0 .2rem; }
  .hero .wrap { padding-left: 1rem; padding-right: 1rem; }
  .columns, .pair { grid-template-columns: 1fr 1fr; }
  .hash { font-size: 9pt; }
  .hex { font-size: 7pt; }
  .chain { gap: 1.6rem; }
  .chain .card { padding: .6rem .7rem; }
  .chain > li + li:not(.sign):not(.end)::before { left: -1.6rem; width: 1.6rem; }
  .chain .sign { width: 3rem; margin: 0 -1.3rem; }
  .chain .sign b { width: 2rem; height: 2rem; font-size: 1.1rem; }
  .hero, .pill, mark, .scale, .sign b, .cause, .pair > div, .command { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .card, .delta, .row, .cause .top, .chain > li { break-inside: avoid; }
  .cause.card { break-inside: auto; }
  h2, h3, h4, summary { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
}
`.trim();
