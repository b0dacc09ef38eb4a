import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { licenseTexts } from '../../scripts/executables/licenses.ts';
import { root } from '../../scripts/root.ts';

describe('the licence of a package', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'konductor-licence-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const textsOf = (license: string, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return licenseTexts({ name: 'some', version: '1.0.0', license, folder: relative(root, folder) });
  };

  it.each(['LICENSE', 'license.md', 'LICENCE.txt', 'UNLICENSE', 'LICENSE-MIT', 'COPYING'])(
    'is read from %s',
    (file) => {
      expect(textsOf('MIT', { [file]: 'the text\r\nof it\n', 'index.js': '', 'licensed.js': '' })).toEqual([
        'the text\nof it',
      ]);
    },
  );

  it('comes with its notices', () => {
    expect(textsOf('Apache-2.0', { LICENSE: 'the text', NOTICE: 'of somebody' })).toEqual(['the text', 'of somebody']);
  });

  it('is the last section of a README that has one', () => {
    const text = '(The MIT License)\n\nPermission is hereby granted to all.\n\nTHE SOFTWARE ...';
    const readme = `# some\n\nlicense: MIT\n\nLicense\n-------\n\n${text}\n\n[link]: https://example.com\n`;
    expect(textsOf('MIT', { 'README.md': readme })).toEqual([text]);
  });

  it('must be in the package', () => {
    expect(() => textsOf('MIT', { 'README.md': '# some\n\n## License\n\nMIT\n' })).toThrow(
      /^some@1\.0\.0 has no text of its licence/,
    );
  });

  it.each(['GPL-3.0-only', 'SEE LICENSE IN x', ''])('must be one that is accepted: %j', (license) => {
    expect(() => textsOf(license, { LICENSE: 'the text' })).toThrow(/^some@1\.0\.0 has the licence /);
  });
});
