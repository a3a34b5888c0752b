"""The look of the report's page: system fonts, two colour schemes, tables that scroll instead of overflowing."""

STYLE = """
:root { --paper: #ffffff; --ink: #1b1f24; --quiet: #5b6470; --line: #e3e6ea; --soft: #f5f7f9;
  --right: #1f6feb; --wrong: #d9822b; --none: #b4bcc8; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e8eaed; --quiet: #a3acb8;
  --line: #2b3038; --soft: #1b1f26; --right: #6ea8fe; --wrong: #e0a458; --none: #4c5563; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.75rem 0 .4rem; }
p { margin: .4rem 0; }
.headline { font-size: 1.125rem; font-weight: 600; max-width: 46rem; }
.quiet { color: var(--quiet); font-size: .85rem; }
figure { margin: .75rem 0; overflow-x: auto; }
img { display: block; width: 100%; min-width: 34rem; max-width: 46rem; height: auto; }
.scroll { overflow-x: auto; -webkit-overflow-scrolling: touch; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { padding: .35rem .7rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--quiet); }
.number { text-align: right; }
.bars { margin: .75rem 0; max-width: 46rem; }
.bar { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr 4rem; gap: .6rem; align-items: center;
  margin: .3rem 0; font-size: .875rem; }
.name { overflow-wrap: anywhere; }
.track { position: relative; display: flex; height: .9rem; background: var(--soft); border-radius: 2px; }
.fill, .right { background: var(--right); }
.wrong { background: var(--wrong); }
.none { background: var(--none); }
.track > span { height: 100%; }
.track > span + span.wrong, .track > span + span.none { border-left: 1px solid var(--paper); }
.range { position: absolute; top: calc(50% - 1px); height: 2px !important; background: var(--ink); }
.range::before, .range::after { content: ""; position: absolute; top: -4px; width: 2px; height: 10px;
  background: var(--ink); }
.range::before { left: 0; } .range::after { right: 0; }
.figure { text-align: right; font-variant-numeric: tabular-nums; }
.legend { font-size: .85rem; color: var(--quiet); }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin: 0 .3rem 0 .6rem;
  vertical-align: -1px; }
.key:first-child { margin-left: 0; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; }
summary { cursor: pointer; font-size: .9rem; }
pre { background: var(--soft); padding: .6rem .75rem; overflow-x: auto; font-size: .8rem; line-height: 1.45;
  white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
.example { margin: .75rem 0 1rem; font-size: .9rem; }
@media (max-width: 34rem) { .bar { grid-template-columns: 1fr 3.5rem; } .bar .name { grid-column: 1 / -1; } }
"""
