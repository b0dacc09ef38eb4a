import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ConnectionError, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function createPipe(): string {
  const path = `${temporaryDirectory().path}/pipe`;
  execFileSync('mkfifo', [path]);
  return path;
}

/** A pipe that this process writes to. Opening it for both reading and writing does not block. */
function openPipe() {
  const path = createPipe();
  const descriptor = openSync(path, 'r+');
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  onTestFinished(close);
  return { path, close, write: (text: string) => writeSync(descriptor, text) };
}

describe('a kubeconfig in a pipe', () => {
  it('is read until its writer has finished, as bash passes it with <(command)', async () => {
    const { path, write, close } = openPipe();
    const connecting = kubeconfigConnection({ path });
    const content = kubeconfig({ name: 'one' });
    for (const piece of [content.slice(0, 20), content.slice(20)]) {
      write(piece);
      await setTimeout(20);
    }
    close();
    expect((await connecting).server.hostname).toBe('one');
  });

  it('is rejected when nobody writes to it', async () => {
    const path = createPipe();
    await expect(kubeconfigConnection({ path })).rejects.toThrow(
      `kubeconfig ${path} has no contexts: is it a kubeconfig?`,
    );
  });

  it('is given up at the time limit', async () => {
    const { path, write } = openPipe();
    write('apiVersion: v1\n');
    await expect(kubeconfigConnection({ path, timeoutMs: 50 })).rejects.toThrow(
      new ConnectionError(`kubeconfig ${path} is a pipe whose content was not complete within 50ms`),
    );
  });

  it('is given up when the signal is aborted', async () => {
    const { path } = openPipe();
    const signal = AbortSignal.timeout(50);
    await expect(kubeconfigConnection({ path, signal })).rejects.toMatchObject({ name: 'AbortedError' });
  });
});
