import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { findImageBuilder } from '../../../scripts/images/image-builders.ts';
import { root } from '../../../scripts/root.ts';

const DIRECTORY = join(root, 'dist/images');

const build = (env: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, ['scripts/images.ts'], { cwd: root, env, encoding: 'utf8' });

function needBuilder(skip: TestContext['skip']): void {
  skip(process.platform !== 'linux', 'needs Linux');
  skip(!findImageBuilder(), 'needs docker with its daemon, podman or buildah');
}

/** Reads an archive as `docker save` writes it; these images have one layer. */
function readImage(name: string) {
  const sh = (script: string) => execFileSync('/bin/sh', ['-c', script], { cwd: DIRECTORY, encoding: 'utf8' });
  const [manifest] = JSON.parse(sh(`tar -xOf ${name}.tar manifest.json`));
  const { config } = JSON.parse(sh(`tar -xOf ${name}.tar ${manifest.Config}`));
  const files = sh(`tar -xOf ${name}.tar ${manifest.Layers[0]} | tar -tvf -`);
  return { tags: manifest.RepoTags, layers: manifest.Layers.length, user: config.User, run: config.Entrypoint, files };
}

it('npm run images builds an image of koncli and one of the operator', { timeout: 120_000 }, ({ skip }) => {
  needBuilder(skip);
  const { status, stderr } = build(process.env);
  expect([status, stderr]).toEqual([0, expect.stringContaining('building dist/images/koncli.tar')]);

  const koncli = readImage('koncli');
  const expected = { layers: 1, user: '65532:65532' };
  expect(koncli).toMatchObject({
    ...expected,
    tags: [expect.stringMatching(/^(docker\.io\/)?konductor\/koncli:0\.1\.0$/)],
    run: ['/konductor/koncli'],
  });
  expect(koncli.files).toMatch(/^-rwxr-xr-x .* konductor\/koncli$/m);
  expect(koncli.files).toMatch(/^-rwxr-xr-x .* konductor\/lib\/libc\.so\.6$/m);
  expect(koncli.files).toMatch(/^-rw-r--r-- .* konductor\/lib\/LGPL-2\.1\.txt$/m);
  // So that the image's root can be mounted at /konductor, too.
  expect(koncli.files).toContain(' koncli -> konductor/koncli\n');
  expect(koncli.files).toContain(' lib -> konductor/lib\n');

  const operator = readImage('konductor-operator');
  expect(operator).toMatchObject({
    ...expected,
    tags: [expect.stringMatching(/^(docker\.io\/)?konductor\/operator:0\.1\.0$/)],
    run: ['/konductor/konductor-operator'],
  });
  expect(operator.files).toMatch(/^-rwxr-xr-x .* konductor\/konductor-operator$/m);
});

it('npm run images reports what is missing if no program can build images', () => {
  const { status, stderr } = build({ ...process.env, PATH: '/nonexistent' });
  expect([status, stderr]).toEqual([
    1,
    'konductor: images are built by docker (with its daemon), podman or buildah: install one of them\n',
  ]);
});
