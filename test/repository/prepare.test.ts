import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { eventually } from '../support/waiting/eventually.ts';

/** Says when it begins and ends; installs a Node that does nothing, so that what follows the installation does not run. */
const NPM = `
import { appendFileSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('npm.log', 'begin\\n');
const turns = setInterval(() => existsSync('hold') || finish(), 20);
function finish() {
  clearInterval(turns);
  mkdirSync('node_modules/.bin', { recursive: true });
  writeFileSync('node_modules/.bin/node', '#!/bin/sh\\n', { mode: 0o755 });
  copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
  appendFileSync('npm.log', 'end\\n');
}
`;

let clone: string;
const said = () => (existsSync(join(clone, 'npm.log')) ? readFileSync(join(clone, 'npm.log'), 'utf8') : '');
const hold = () => writeFileSync(join(clone, 'hold'), '');
const letGo = () => rmSync(join(clone, 'hold'));

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'konductor-clone-'));
  mkdirSync(join(clone, 'scripts'));
  for (const script of ['prepare.mjs', 'lock.mjs'])
    copyFileSync(join(root, 'scripts', script), join(clone, 'scripts', script));
  writeFileSync(join(clone, 'npm.mjs'), NPM);
  lock('1.0.0');
});
afterEach(() => rmSync(clone, { recursive: true, maxRetries: 3 }));

function lock(version: string): void {
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify({ packages: { '': {}, a: { version } } }));
}

function start(): ChildProcess & { readonly stderr: NonNullable<ChildProcess['stderr']> } {
  const env = { ...process.env, npm_execpath: join(clone, 'npm.mjs') };
  return spawn(process.execPath, ['scripts/prepare.mjs'], { cwd: clone, env, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function prepare(): Promise<{ code: unknown; stderr: string }> {
  const child = start();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
}

describe('the preparation of a clone', () => {
  it('installs when nothing is installed, and not again', async () => {
    expect(await prepare()).toMatchObject({ code: 0, stderr: expect.stringContaining('installing packages') });
    expect(await prepare()).toEqual({ code: 0, stderr: '' });
    expect(said()).toBe('begin\nend\n');
  });

  it('installs again when the lockfile names another version', async () => {
    await prepare();
    lock('1.0.1');
    await prepare();
    expect(said()).toBe('begin\nend\nbegin\nend\n');
  });

  it('installs once when two begin at the same time', async () => {
    hold();
    const first = prepare();
    await eventually('the first installation', () => said() !== '');
    const second = start();
    const secondEnds = once(second, 'exit');
    const [waiting] = await once(second.stderr, 'data');
    expect(`${waiting}`).toContain('is installing: waiting for it');
    letGo();
    expect([(await first).code, ...(await secondEnds)]).toEqual([0, 0, null]);
    expect(said()).toBe('begin\nend\n');
  });

  it('is not held up by one that was killed while it installed', async () => {
    hold();
    const killed = start();
    await eventually('the first installation', () => said() !== '');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    letGo();
    expect(await prepare()).toMatchObject({ code: 0 });
    expect(said()).toMatch(/end\n$/);
  });
});
