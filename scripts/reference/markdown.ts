// The parts of a page in GitHub's Markdown.

export interface Page {
  readonly title: string;
  /** What the page is generated from. */
  readonly origin: string;
  readonly about: string;
  /** Markdown with headings of level 2 and below. */
  readonly body: string;
}

/** A page with a table of contents of the headings down to level `depth`. */
export function page({ title, origin, about, body }: Page, depth = 3): string {
  const marker = `<!-- Generated from ${origin} by "npm run synth". -->`;
  const all = [marker, `# ${title}`, about, contents(body, depth), body.trim()];
  return `${all.join('\n\n')}\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export const code = (text: unknown): string => `\`${text}\``;
export const block = (text: string, language = 'text'): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** Lines of text as one paragraph, in which nothing is taken for Markdown or HTML. */
export const prose = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[<*_[\]]/g, '\\$&')
    .trim();

/** Links to the headings, by the anchors that GitHub makes of them. */
function contents(body: string, depth: number): string {
  const headings = withoutBlocks(body).matchAll(/^(?<level>##+) (?<title>.*)$/gm);
  const entries = [...headings].map(({ groups }) => ({
    level: groups?.level?.length ?? 0,
    title: groups?.title ?? '',
  }));
  const shown = entries.filter(({ level }) => level <= depth);
  return shown.map(({ level, title }) => `${'  '.repeat(level - 2)}- [${title}](#${anchorOf(title)})`).join('\n');
}

/** The anchor that GitHub makes of a heading. */
export function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

const withoutBlocks = (text: string) => text.replaceAll(/^```.*?^```$/gms, '');
