// Part of npm run synth: draws what npm run bench has measured, by Vega: docs/benchmarks/SECTION.json becomes SECTION.svg.
import { writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { pathOf, type Results, readResults } from './results.ts';

const TITLES = {
  cli: 'One command, from its start to its end',
  wait: 'From the last done to the end of the wait',
};
const COLORS = ['#1f6feb', '#9aa4af'];

for (const [section, title] of Object.entries(TITLES)) {
  const view = new View(parse(compile(plotOf(title, readResults(section))).spec), { renderer: 'none' });
  writeFileSync(pathOf(section, 'svg'), `${await view.toSVG()}\n`);
}

/** A pair of bars for each comparison: the medians. */
function plotOf(title: string, { measuredAt, machine, load, comparisons }: Results): TopLevelSpec {
  const values = comparisons.flatMap(({ name, ours, theirs }) => [
    { name, who: 'koncli', median: ours.median },
    { name, who: 'kubectl', median: theirs.median },
  ]);
  const y = { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 0 } } as const;
  const who = { field: 'who', type: 'nominal', sort: null } as const;
  const others = load === null ? 'otherwise idle' : `load average ${load}`;
  const subtitle = `median in ms, ${measuredAt}, ${machine.cpus} cores of ${machine.model}, ${others}`;
  return {
    title: { text: title, subtitle, anchor: 'start' },
    background: 'white',
    padding: 12,
    width: 420,
    height: { step: 18 },
    data: { values },
    encoding: { y, yOffset: who, x: { field: 'median', type: 'quantitative', title: null } },
    layer: [
      {
        mark: 'bar',
        encoding: { color: { ...who, legend: { title: null, orient: 'bottom' }, scale: { range: COLORS } } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { text: { field: 'median', type: 'quantitative', format: '.0f' } },
      },
    ],
  };
}
