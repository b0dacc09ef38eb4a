// docs/reference/client.md and cdk8s.md: what the packages export, from their docstrings. TypeDoc reads the sources and writes them as
// Markdown; the theme leaves out what the signatures say already.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, type Reflection, type TypeDocOptions } from 'typedoc';
import {
  type MarkdownPageEvent,
  MarkdownTheme,
  MarkdownThemeContext,
  type PluginOptions,
} from 'typedoc-plugin-markdown';
import { root } from '../root.ts';
import { page } from './markdown.ts';

const OPTIONS: TypeDocOptions & PluginOptions = {
  logLevel: 'Warn',
  plugin: [
    'typedoc-plugin-markdown',
    ({ renderer }: Application) => renderer.defineTheme('compact', CompactTheme as never),
  ],
  theme: 'compact',
  router: 'module',
  cleanOutputDir: false,
  readme: 'none',
  hidePageHeader: true,
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  excludeProtected: true,
  skipErrorChecking: true,
  sort: ['kind', 'alphabetical'],
  useCodeBlocks: true,
  parametersFormat: 'none',
  expandParameters: true,
  classPropertiesFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
  },
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'Method', 'Property', 'TypeAlias', 'Variable'],
};

class CompactTheme extends MarkdownTheme {
  override getRenderContext(page: MarkdownPageEvent<Reflection>) {
    const context = new MarkdownThemeContext(this, page, this.application.options);
    context.partials.inheritance = () => '';
    context.partials.signatureReturns = () => '';
    return context;
  }
}

export const clientPage = () => apiPage('client', 'SDK', false);
export const constructsPage = () => apiPage('cdk8s', 'Constructs', true);

async function apiPage(name: string, title: string, notDocumented: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'konductor-reference-'));
  try {
    await writeApi(name, { folder, notDocumented });
    // TypeDoc has no name for a parameter that is taken apart.
    const text = readFileSync(join(folder, `${name}.md`), 'utf8').replaceAll('__namedParameters', 'options');
    const origin = `the docstrings of @konductor/${name}`;
    const about = `What \`@konductor/${name}\` exports.`;
    return page({ title, origin, about, body: text.replace(/^# .*\n/, '') });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `notDocumented`: whether an export without a docstring fails. */
async function writeApi(name: string, { folder, notDocumented }: { folder: string; notDocumented: boolean }) {
  const options: TypeDocOptions & PluginOptions = {
    ...OPTIONS,
    name,
    entryPoints: [`${root}/${name}/src/index.ts`],
    tsconfig: `${root}/${name}/tsconfig.json`,
    outputs: [{ name: 'markdown', path: folder }],
    entryFileName: name,
    validation: { notDocumented, notExported: false },
  };
  const application = await Application.bootstrapWithPlugins(options);
  const project = await application.convert();
  if (!project) throw new Error(`${name} cannot be read`);
  application.validate(project);
  await application.generateOutputs(project);
  if (application.logger.hasWarnings()) throw new Error(`the reference of ${name} is not complete`);
}
