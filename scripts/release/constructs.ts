// The packages of the constructs in all languages. Where a language's tools or the packages that it asks for are missing, the others are made.
import { copyFileSync, globSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { compilePackage, LANGUAGES_FOLDER, makeLanguagePackages, PACKAGE_FOLDER, type Target } from '../jsii/jsii.ts';
import { archiveFiles, normalizeArchive } from './archive.ts';
import { npmComponent } from './components.ts';
import { runNpm } from './run.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

const NAME = '@konductor/cdk8s';

/** Returns one line for each language whose package could not be made. */
export async function makeConstructs(folder: string): Promise<string[]> {
  compilePackage();
  runNpm('pack', '--silent', PACKAGE_FOLDER, `--pack-destination=${folder}`);
  describeConstructs(join(folder, `konductor-cdk8s-${VERSION}.tgz`), { isNpm: true });
  // Go's proxy takes the sources from a tag of their repository.
  await makeGo(folder);
  const problems = [makeLanguage('python', '*.{whl,tar.gz}', folder), makeLanguage('java', '**/*.{jar,pom}', folder)];
  for (const archive of globSync('konductor_cdk8s-*.tar.gz', { cwd: folder }))
    await normalizeArchive(join(folder, archive));
  for (const made of globSync('*cdk8s-*.{whl,tar.gz,jar}', { cwd: folder }))
    describeConstructs(join(folder, made), { isNpm: false });
  return problems.flatMap((problem) => problem ?? []);
}

async function makeGo(folder: string): Promise<void> {
  rmSync(join(LANGUAGES_FOLDER, 'go'), { recursive: true, force: true });
  makeLanguagePackages(['go'], { code: true });
  const sources = globSync('*/**', { cwd: join(LANGUAGES_FOLDER, 'go'), withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const paths = sources.map(({ parentPath, name }) => join(parentPath, name)).sort();
  const files = paths.map((path) => [path.slice(join(LANGUAGES_FOLDER, 'go/').length), { path }] as const);
  await archiveFiles(join(folder, `konductor-cdk8s-go-${VERSION}.tar.gz`), Object.fromEntries(files));
}

/** Returns why it could not be made. */
function makeLanguage(language: Target, pattern: string, folder: string): string | undefined {
  rmSync(join(LANGUAGES_FOLDER, language), { recursive: true, force: true });
  try {
    makeLanguagePackages([language]);
  } catch (error) {
    const lines = (error as Error).message.split('\n');
    const reason = lines.find((line) => /ERROR|not found|ENOENT/.test(line)) ?? lines[0];
    return `the constructs for ${language} were not made: ${reason}`;
  }
  for (const made of globSync(pattern, { cwd: join(LANGUAGES_FOLDER, language) }))
    copyFileSync(join(LANGUAGES_FOLDER, language, made), join(folder, basename(made)));
  return undefined;
}

/** Those of other languages contain the package of npm, which needs nothing but its peers. */
function describeConstructs(artifact: string, { isNpm }: { readonly isNpm: boolean }): void {
  const components = isNpm ? [] : [npmComponent({ name: NAME, version: VERSION, license: 'Apache-2.0' }, '')];
  writeSbom(artifact, { type: Enums.ComponentType.Library, name: NAME, version: VERSION, components });
}
