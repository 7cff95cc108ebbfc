/** Two palettes, system fonts, paper in mind. The tones differ in lightness too, so grey print tells them apart. */
export const styleSheet = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --sheet: #fff; --text: #1b1f24; --quiet: #5b6672; --line: #dfe3e8; --stripe: #f4f6f8;
  --bar: #3b6fb5; --good: #17683a; --good-back: #e0f3e7; --caution: #7d4e00; --caution-back: #fdf0d5;
  --bad: #a3161c; --bad-back: #fde5e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --sheet: #1a1f26; --text: #e4e8ed; --quiet: #97a3b0; --line: #303843; --stripe: #20262e;
    --bar: #6c9bd8; --good: #8bdca8; --good-back: #15382a; --caution: #f3c567; --caution-back: #3d3012;
    --bad: #ff9d9d; --bad-back: #4a1e22;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 68rem; margin: 2rem auto; padding: 2rem 2.5rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; }
h1 { margin: .4rem 0 1.2rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .7rem; font-size: 1.05rem; }
.job { margin: 0; color: var(--quiet); }
.job strong { color: var(--text); }
.quiet { color: var(--quiet); font-weight: normal; }
.badge { display: inline-block; margin-right: .5rem; padding: 0 .6rem; border-radius: 999px; font-size: .85rem; font-weight: 600; }
.good { color: var(--good); background: var(--good-back); }
.caution { color: var(--caution); background: var(--caution-back); }
.bad { color: var(--bad); background: var(--bad-back); }
dl { margin: 0; }
dl > div { display: flex; gap: 1rem; padding: .15rem 0; }
dt { flex: 0 0 12rem; color: var(--quiet); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
ol, ul { margin: 0; padding-left: 1.5rem; }
li { padding: .15rem 0; }
dl.run { display: grid; grid-template-columns: repeat(auto-fit, minmax(21rem, 1fr)); gap: 0 2rem; font-size: .9rem; }
dl.run dt { flex-basis: 5.5rem; }
.counts { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.8rem, 1fr)); gap: .7rem; margin: 1.6rem 0 0; padding: 0; list-style: none; }
.counts li { padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 8px; color: var(--quiet); font-size: .85rem; }
.counts b { display: block; color: var(--text); font-size: 1.35rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.notice { margin-top: 1.2rem; padding: .7rem 1rem; border-left: 4px solid; border-radius: 4px; overflow-wrap: anywhere; }
.notice p { margin: 0; }
.notice p + p { color: var(--text); }
pre, code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
pre { margin: 0; padding: .7rem 1rem; background: var(--stripe); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; unicode-bidi: isolate; }
thead th { border-bottom: 2px solid var(--line); color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars th { width: 1%; font-weight: normal; white-space: nowrap; }
.bars td.number, .bars td.quiet { width: 1%; white-space: nowrap; }
.bars tbody tr { border: 0; background: none; }
.bar div { min-width: 2px; height: 1.1em; margin-top: .2em; background: var(--bar); border-radius: 2px; print-color-adjust: exact; }
.bar div[style="width: 0.00%"], .bar div[style="width: 0%"] { min-width: 0; }
@media (max-width: 44rem) { main { margin: 0; padding: 1.2rem; border: 0; border-radius: 0; } dl > div { display: block; } dl.run { display: block; } }
@media print {
  :root { --page: #fff; --sheet: #fff; --text: #000; --quiet: #444; --line: #bbb; --stripe: #f4f4f4; --good: #17683a; --good-back: #fff; --caution: #7d4e00; --caution-back: #fff; --bad: #a3161c; --bad-back: #fff; --bar: #555; }
  body { font-size: 10pt; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  .badge { border: 1px solid; }
  .wide { overflow: visible; }
  thead { display: table-header-group; }
  tr, .notice, .counts li { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`
