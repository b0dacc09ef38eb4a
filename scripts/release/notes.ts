// Release notes: the section of a version in CHANGELOG.md.

/** The heading says when the version was released, or that it is not yet. */
export function releaseNotes(changelog: string, version: string): { date: string; notes: string } {
  const [section] = changelog.split(/^## /m).filter((text) => text.startsWith(`${version},`));
  if (!section) throw new Error(`CHANGELOG.md has no section "## ${version}, DATE"`);
  const [heading = '', ...lines] = section.split('\n');
  return { date: heading.slice(`${version},`.length).trim(), notes: `${lines.join('\n').trim()}\n` };
}
