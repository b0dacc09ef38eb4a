// An animated SVG of recorded screens: a dark window, which is readable on light and dark pages. Without animation, and for those
// who prefer less motion, it shows the last screen.
import { COLUMNS, type Screen, type Span } from './terminal.ts';

const FONT_SIZE = 14;
const CHARACTER = 8.4;
const LINE = 20;
const MARGIN = 16;
const BAR = 28;
/** How long each screen is shown, and the last one. */
const SECONDS = 0.8;
const LAST_SECONDS = 5;

/** The same screens give the same picture. */
export function drawTerminal(screens: readonly Screen[], title: string): string {
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * MARGIN);
  const height = BAR + 2 * MARGIN + LINE * Math.max(...screens.map((screen) => screen.length));
  const frames = screens.map((screen, index) => {
    const visibility = index === screens.length - 1 ? 'visible' : 'hidden';
    return `<g id="frame-${index}" visibility="${visibility}">\n${drawScreen(screen)}</g>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${title}</title>
<style>
text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }
.green { fill: #3fb950 }
@media (prefers-reduced-motion: no-preference) {
${animation(screens.length)}}
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117" stroke="#484f58"/>
${['#ff5f56', '#ffbd2e', '#27c93f'].map((fill, i) => `<circle cx="${20 + 18 * i}" cy="16" r="5" fill="${fill}"/>\n`).join('')}${frames.join('')}</svg>
`;
}

/** Each frame is visible in its part of the whole. */
function animation(frames: number): string {
  const total = (frames - 1) * SECONDS + LAST_SECONDS;
  const percent = (index: number) => `${((100 * Math.min(index * SECONDS, total)) / total).toFixed(3)}%`;
  const rules = Array.from({ length: frames }, (_, index) => {
    const end = index === frames - 1 ? '100%' : percent(index + 1);
    const before = index === 0 ? '' : '0% { visibility: hidden } ';
    const after = end === '100%' ? '' : `, ${end} { visibility: hidden }`.slice(1);
    return `@keyframes show-${index} { ${before}${percent(index)} { visibility: visible }${after} }
#frame-${index} { animation: show-${index} ${total}s step-end infinite }
`;
  });
  return rules.join('');
}

function drawScreen(screen: Screen): string {
  return screen.map((spans, row) => drawLine(spans, BAR + MARGIN + LINE * row + FONT_SIZE)).join('');
}

/** Of the width that it has in a terminal, whatever the font. */
function drawLine(spans: readonly Span[], y: number): string {
  const characters = spans.reduce((sum, { text }) => sum + text.length, 0);
  if (characters === 0) return '';
  const parts = spans.map(({ text, isGreen }) =>
    isGreen ? `<tspan class="green">${escaped(text)}</tspan>` : escaped(text),
  );
  const width = (characters * CHARACTER).toFixed(1);
  return `<text x="${MARGIN}" y="${y}" textLength="${width}" lengthAdjust="spacingAndGlyphs">${parts.join('')}</text>\n`;
}

/** Spaces stay as many as they are, whatever shows the picture. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0');
}
