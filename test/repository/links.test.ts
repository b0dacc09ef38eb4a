// The links of all documents have a target: a file that exists, and a heading in it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';

const FOLDERS = 'docs,cdk8s,cli,client,operator,schema';
const documents = globSync(`{*.md,{${FOLDERS}}/**/*.md}`, { cwd: root, exclude: ['**/node_modules', '*/dist'] }).sort();
const textOf = (path: string) => readFileSync(join(root, path), 'utf8');

/** What is wrong with the links of a document, as its readers would find it. */
function brokenLinks(path: string, text: string): string[] {
  return targetsOf(text).filter((target) => {
    const [file = '', anchor] = target.split('#');
    const to = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(root, to))) return true;
    return anchor !== undefined && !anchorsOf(to === path ? text : textOf(to)).includes(anchor);
  });
}

/** The targets of links inside the repository. */
function targetsOf(text: string): string[] {
  const links = withoutCode(text).matchAll(/\]\((?<target>[^()\s]+)\)/g);
  return [...links].map(({ groups }) => groups?.target ?? '').filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub makes of headings, and those that HTML names. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  const headings = [...withoutBlocks(text).matchAll(/^#+ (?<title>.*)$/gm)].map(({ groups }) => {
    const slug = slugOf(groups?.title ?? '');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  const named = [...text.matchAll(/<a (?:id|name)="(?<id>[^"]+)"/g)].map(({ groups }) => groups?.id ?? '');
  return [...headings, ...named];
}

function slugOf(title: string): string {
  const shown = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim();
  return shown
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
}

const withoutBlocks = (text: string) => text.replaceAll(/^ *```.*?^ *```$/gms, '');
const withoutCode = (text: string) => withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');

describe('the links of the documents', () => {
  it('are found', () => {
    expect(documents.flatMap((path) => targetsOf(textOf(path))).length).toBeGreaterThan(100);
  });

  it.each(documents)('lead somewhere: %s', (path) => {
    expect(brokenLinks(path, textOf(path))).toEqual([]);
  });

  it.each([
    ['a file that is not there', '[a](nowhere.md)', ['nowhere.md']],
    ['a heading that another file lacks', '[a](docs/guides/run.md#flying)', ['docs/guides/run.md#flying']],
    ['a heading that its own file lacks', '# One\n[a](#one) [b](#two)', ['#two']],
  ])('would be rejected with %s', (_, text, broken) => {
    expect(brokenLinks('README.md', text)).toEqual(broken);
  });
});
