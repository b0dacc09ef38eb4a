import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../client/connect/temporary-directory.ts';
import { koncli } from '../invocations.ts';

const LOADER = 'lib/ld-linux-x86-64.so.2';
let folder: string;
let target: string;

beforeEach(() => {
  const { path } = temporaryDirectory();
  folder = join(path, 'konductor');
  target = join(path, 'target');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  writeFileSync(join(folder, LOADER), 'loader', { mode: 0o755 });
  writeFileSync(join(folder, 'lib/README'), 'readme', { mode: 0o644 });
  writeFileSync(join(folder, 'koncli'), 'koncli 1', { mode: 0o755 });
});

const installTo = (path: string) => koncli(['install-to', path], { executable: join(folder, 'koncli') });
const contentOf = (path: string) => readFileSync(join(target, path), 'utf8');
const cannotCopy = (why: string) =>
  new RegExp(`^koncli: cannot copy \\S+ to \\S+: ${why}: make sure that it is writable and has enough space\n$`);
const modeOf = (path: string) => statSync(join(target, path)).mode & 0o777;

describe('koncli install-to', () => {
  it('copies only koncli and its libraries, with their modes, whatever the umask is', async () => {
    const umask = process.umask(0o077);
    try {
      expect(await installTo(target)).toEqual({ code: 0, stdout: `koncli copied to ${target}\n`, stderr: '' });
    } finally {
      process.umask(umask);
    }
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(['koncli', 'lib', 'lib/README', LOADER]);
    expect([contentOf('koncli'), contentOf(LOADER), contentOf('lib/README')]).toEqual(['koncli 1', 'loader', 'readme']);
    expect(['koncli', 'lib', LOADER, 'lib/README'].map(modeOf)).toEqual([0o755, 0o755, 0o755, 0o644]);
  });

  it('replaces the files of an earlier copy and keeps other files', async () => {
    await installTo(target);
    writeFileSync(join(target, 'other'), 'mine');
    const before = statSync(join(target, 'koncli')).ino;
    writeFileSync(join(folder, 'koncli'), 'koncli 2');
    expect((await installTo(target)).code).toBe(0);
    // A new file, because the old one cannot be written to while it runs.
    expect(statSync(join(target, 'koncli')).ino).not.toBe(before);
    expect([contentOf('koncli'), contentOf('other')]).toEqual(['koncli 2', 'mine']);
  });

  it('does not follow a link that leads out of the directory', async () => {
    const elsewhere = temporaryDirectory().path;
    mkdirSync(target);
    symlinkSync(elsewhere, join(target, 'lib'));
    const { code, stderr } = await installTo(target);
    expect([code, stderr]).toEqual([
      1,
      `koncli: ${join(target, 'lib')} is a symbolic link, which koncli does not follow: remove it\n`,
    ]);
    expect([readdirSync(elsewhere), readdirSync(target)]).toEqual([[], ['lib']]);
  });

  it('changes nothing when it cannot copy all files', async () => {
    await installTo(target);
    writeFileSync(join(folder, LOADER), 'loader 2');
    mkdirSync(join(folder, 'lib/z'));
    const { code, stderr } = await installTo(target);
    expect(code).toBe(1);
    expect(stderr).toMatch(cannotCopy('.+'));
    expect(contentOf(LOADER)).toBe('loader');
    expect(readdirSync(target).sort()).toEqual(['koncli', 'lib']);
  });

  it('reports a target that is not writable', async () => {
    writeFileSync(target, 'a file');
    const { code, stderr } = await installTo(target);
    expect(code).toBe(1);
    expect(stderr).toMatch(cannotCopy('.*(EEXIST|ENOTDIR).*'));
  });

  it.each([
    ['has no libraries beside it', () => rmSync(join(folder, 'lib'), { recursive: true })],
    ['has other libraries beside it', () => rmSync(join(folder, LOADER))],
  ])('rejects a koncli that %s', async (_, change) => {
    change();
    const { code, stdout, stderr } = await installTo(target);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `koncli: ${folder} is not the /konductor directory of the koncli image: run koncli from that image, which npm run images builds\n`,
    );
    expect(existsSync(target)).toBe(false);
  });
});
