import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { identify } from '../ownership/process-identity.ts';
import { ALL, fakeGo } from './fake-binaries.ts';

const PREPARE = join(import.meta.dirname, 'prepare.ts');

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'konductor-build-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function prepare(path: string) {
  const child = spawn(process.execPath, [PREPARE], {
    env: { HOME: home, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(([[code], stderr]) => ({ code, stderr }));
  return { child, ended };
}

const cache = () => join(home, '.cache/konductor/control-plane');
/** Undefined as long as there is none. */
const firstCall = () => (existsSync(join(home, 'calls')) ? goCalls()[0] : undefined);
/** The pids, each known when its line is complete. */
const goCalls = () => readFileSync(join(home, 'calls'), 'utf8').split('\n').slice(0, -1).map(Number);

it('builds etcd and Kubernetes once for two processes that ask at the same time', async () => {
  const path = fakeGo(home, `while [ ! -e ${join(home, 'go-on')} ]; do sleep 0.05; done`);
  const both = [prepare(path), prepare(path)];
  const isWaiting = new Promise((resolve) => {
    for (const { child } of both)
      child.stderr.on('data', (said) => `${said}`.includes('waiting for it') && resolve(true));
  });
  await isWaiting;
  writeFileSync(join(home, 'go-on'), '');
  const results = await Promise.all(both.map(({ ended }) => ended));
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(goCalls()).toHaveLength(2);
  const [built, ...rest] = readdirSync(cache());
  expect(rest).toEqual([]);
  expect(readdirSync(join(cache(), built ?? '')).sort()).toEqual([...ALL].sort());
  expect(results.filter(({ stderr }) => stderr.includes('waiting for it'))).toHaveLength(1);
});

it('shows nothing half-built, and the output of Go, when the build fails', async () => {
  const { code, stderr } = await prepare(fakeGo(home, 'echo "no space left" >&2; exit 1')).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('no space left');
  expect(readdirSync(cache())).toEqual([]);
});

it('rebuilds after a build whose process died, and clears its remains', async () => {
  mkdirSync(join(cache(), '.building-999999999-1'), { recursive: true });
  const { child, ended } = prepare(fakeGo(home, 'exec sleep 60'));
  const orphan = await eventually('the call of go', () => firstCall());
  child.kill('SIGKILL');
  await ended.catch(() => undefined);
  process.kill(orphan, 'SIGKILL');
  expect(readdirSync(cache())).toEqual([expect.stringMatching(/^\.building-/)]);

  const { code } = await prepare(fakeGo(home)).ended;
  expect(code).toBe(0);
  expect(readdirSync(cache())).toEqual([expect.stringMatching(/^kubernetes-/)]);
});

it('ends Go, and leaves nothing, when it is interrupted', async () => {
  const { child, ended } = prepare(fakeGo(home, 'exec sleep 60'));
  const go = await eventually('the call of go', () => firstCall());
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toContain('interrupted');
  await eventually('the end of go', () => identify(go) === undefined);
  expect(readdirSync(cache())).toEqual([]);
});
