// Writes docs/reference: what the published packages export, from their docstrings. TypeDoc reads the sources and writes them as
// Markdown; the theme leaves out what the signatures say already.
import { Application, type Reflection, type TypeDocOptions } from 'typedoc';
import { MarkdownPageEvent, MarkdownTheme, MarkdownThemeContext, type PluginOptions } from 'typedoc-plugin-markdown';
import { root } from './root.ts';

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

/** `notDocumented`: whether an export without a docstring fails. */
async function writeReference(name: string, { notDocumented }: { notDocumented: boolean }): Promise<void> {
  const options: TypeDocOptions & PluginOptions = {
    ...OPTIONS,
    name: `API of @konductor/${name}`,
    entryPoints: [`${root}/${name}/src/index.ts`],
    tsconfig: `${root}/${name}/tsconfig.json`,
    outputs: [{ name: 'markdown', path: `${root}/docs/reference` }],
    entryFileName: name,
    validation: { notDocumented, notExported: false },
  };
  const application = await Application.bootstrapWithPlugins(options);
  application.renderer.on(MarkdownPageEvent.END as never, (page: MarkdownPageEvent) => {
    const origin = `<!-- Generated from the docstrings of @konductor/${name} by "npm run synth". -->\n`;
    // TypeDoc has no name for a parameter that is taken apart.
    page.contents = origin + page.contents.replaceAll('__namedParameters', 'options');
  });
  const project = await application.convert();
  if (!project) throw new Error(`${name} cannot be read`);
  application.validate(project);
  await application.generateOutputs(project);
  if (application.logger.hasWarnings()) throw new Error(`the reference of ${name} is not complete`);
}

await writeReference('cdk8s', { notDocumented: true });
await writeReference('client', { notDocumented: false });
