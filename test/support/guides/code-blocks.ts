// The fenced code of README and guides, without the diagrams.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/root.ts';

export interface CodeBlock {
  /** The file and the first line, without its comment: what a table of blocks knows it by. */
  readonly name: string;
  readonly language: string;
  readonly code: string;
}

export function codeBlocks(): CodeBlock[] {
  const guides = globSync('docs/guides/*.md', { cwd: root }).sort();
  const readmes = ['README.md', 'cdk8s/README.md', 'cli/README.md', 'client/README.md'];
  const blocks = [...readmes, ...guides].flatMap(blocksOf);
  return blocks.filter(({ language }) => language !== 'mermaid');
}

function blocksOf(path: string): CodeBlock[] {
  const fenced = readFileSync(join(root, path), 'utf8').matchAll(/^( *)```(\w*)\n(.*?)^\1```/gms);
  return [...fenced].map(([, indent = '', language = '', indented = '']) => {
    const code = indented.replace(new RegExp(`^${indent}`, 'gm'), '');
    return { name: `${path}: ${withoutComments(code).split('\n')[0]}`, language, code };
  });
}

/** Of a shell script: what follows a # that stands alone. */
export function withoutComments(code: string): string {
  return code.replace(/[ \t]+#[ ].*$/gm, '');
}

/** What the README's and the guides' lines of cdk8s leave out: the imports, the chart, and two Jobs. */
export function inChart(code: string): string {
  return `import { App, Chart, Duration, JsonPatch } from 'cdk8s';
import { Job } from 'cdk8s-plus-27';
import { KonductorInjection, KonductorMonitoring, KonductorOperator, WaitGroup } from '@konductor/cdk8s';
const chart = new Chart(new App(), 'documented');
const containers = [{ image: 'work:1', command: ['work'] }];
const job = new Job(chart, 'job', { metadata: { name: 'job' }, containers });
const report = new Job(chart, 'report', { metadata: { name: 'report' }, containers });
export const mentioned = [Duration, JsonPatch, KonductorInjection, KonductorMonitoring, KonductorOperator, WaitGroup, job, report];
${code}`;
}
