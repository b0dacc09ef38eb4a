import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { needEmptyRoots } from '../pods/empty-root.ts';
import { eventually } from '../waiting/eventually.ts';
import { endGroup } from './process-group.ts';

it('ends a process in namespaces of its own that has changed its user', async ({ skip }) => {
  needEmptyRoots(skip);
  const script = 'echo started; exec chroot --userspec=65532:65532 / /bin/sleep 60';
  const child = spawn('unshare', ['--pid', '--fork', '--kill-child', '--mount', '/bin/sh', '-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const isThere = () => process.kill(-(child.pid ?? 0), 0);
  expect(isThere()).toBe(true);
  await endGroup(child);
  // Of a group without processes there is nobody to signal.
  await eventually('the end of the group', () => (isGone(isThere) ? true : undefined));
  await endGroup(child);
});

function isGone(isThere: () => boolean): boolean {
  try {
    return !isThere();
  } catch {
    return true;
  }
}
