// Writes what a package exports as a page of Markdown. Pure.
import type { Callable, ExportedSymbol, Property } from './exported-symbols.ts';

const TITLES = {
  class: 'Classes',
  function: 'Functions',
  interface: 'Props and options',
  type: 'Types',
  constant: 'Constants',
};

/** One section for each kind, in the order in which they come. */
export function referencePage(packageName: string, symbols: readonly ExportedSymbol[]): string {
  const kinds = [...new Set(symbols.map(({ kind }) => kind))];
  const sections = kinds.map((kind) => {
    const members = symbols.filter((symbol) => symbol.kind === kind).map(section);
    return [`## ${TITLES[kind]}`, ...members].join('\n\n');
  });
  const head = `<!-- Generated from the docstrings of ${packageName} by "npm run synth". -->\n# API of ${packageName}`;
  return `${linked([head, ...sections].join('\n\n'), symbols)}\n`;
}

function section({ name, about, signature, properties, methods }: ExportedSymbol): string {
  return [
    `### ${name}`,
    ...(signature === '' ? [] : [fenced(signature)]),
    about,
    ...(properties.length > 0 ? [table(properties)] : []),
    ...methods.map(method),
  ].join('\n\n');
}

function method({ name, signature, about }: Callable): string {
  return [`#### ${name}`, fenced(signature), about].join('\n\n');
}

const fenced = (code: string) => `\`\`\`ts\n${code}\n\`\`\``;

function table(properties: readonly Property[]): string {
  const rows = properties.map(({ name, type, isOptional, about }) =>
    [`\`${name}${isOptional ? '?' : ''}\``, `\`${type}\``, about.replace(/\s*\n\s*/g, ' ')].map(cell).join(' | '),
  );
  return ['| name | type | meaning |', '|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|');

/** `{@link X}` becomes a link where X is on the page, else code. Properties have no heading: theirs leads to their owner. */
function linked(page: string, symbols: readonly ExportedSymbol[]): string {
  return page.replace(/\{@link ([\w.]+) ?\}/g, (_, target: string) => {
    const [owner, member] = target.split('.');
    const symbol = symbols.find(({ name }) => name === owner);
    if (!symbol) return `\`${target}\``;
    const heading = symbol.methods.find(({ name }) => name === member)?.name ?? symbol.name;
    return `[\`${target}\`](#${heading.toLowerCase()})`;
  });
}
