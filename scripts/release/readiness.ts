// What stands in the way of publishing: a dry run lists it and makes everything all the same.
import { execFileSync } from 'node:child_process';
import { root } from '../root.ts';
import { releaseNotes } from './notes.ts';
import { otherVersions, readText, VERSION } from './version.ts';

export function obstacles(): string[] {
  const status = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).trim();
  return [
    ...(status ? [`the working tree has changes that are not committed:\n${status}`] : []),
    ...otherVersions(VERSION),
    ...changelogProblems(),
  ];
}

function changelogProblems(): string[] {
  try {
    const { date } = releaseNotes(readText('CHANGELOG.md'), VERSION);
    return /^\d{4}-\d{2}-\d{2}$/.test(date) ? [] : [`CHANGELOG.md says "${date}" in place of the date of ${VERSION}`];
  } catch (error) {
    return [(error as Error).message];
  }
}
