import { describe, expect, it } from 'vitest';
import { releaseNotes } from '../../scripts/release/notes.ts';
import { otherVersions, VERSION } from '../../scripts/release/version.ts';

const CHANGELOG = `# Changelog

Changes.

## 0.2.0, unreleased

- Three.

## 0.1.0, 2026-12-24

### koncli

- One.
- Two.
`;

describe('the release notes', () => {
  it('are the section of the version', () => {
    expect(releaseNotes(CHANGELOG, '0.1.0')).toEqual({ date: '2026-12-24', notes: '### koncli\n\n- One.\n- Two.\n' });
    expect(releaseNotes(CHANGELOG, '0.2.0')).toEqual({ date: 'unreleased', notes: '- Three.\n' });
  });

  it('are missing for a version without a section', () => {
    expect(() => releaseNotes(CHANGELOG, '0.1')).toThrow('CHANGELOG.md has no section "## 0.1, DATE"');
  });
});

it('the version is the same everywhere', () => {
  expect(otherVersions(VERSION)).toEqual([]);
  expect(otherVersions('9.9.9')).toEqual(
    expect.arrayContaining([
      `cli/package.json has ${VERSION}, not 9.9.9`,
      `cdk8s/src/version.ts has ${VERSION}, not 9.9.9`,
      `appVersion in Chart.yaml has ${VERSION}, not 9.9.9`,
      `cdk8s/manifests/install.yaml has ${VERSION}, not 9.9.9`,
      `cdk8s/manifests/injection.yaml has ${VERSION}, not 9.9.9`,
    ]),
  );
});
