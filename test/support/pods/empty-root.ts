// A root that holds nothing but /proc, the folder /konductor, and what the kubelet mounts: read-only, for a process that
// is not root. It is what a container of an empty image sees. It requires Linux namespaces, which not every machine allows.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { type KoncliProcess, resultOf } from '../processes/koncli-process.ts';
import { endGroup } from '../processes/process-group.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const EMULATOR = '/emulator';
const UNSHARE = ['--pid', '--fork', '--kill-child', '--mount'];
/** As the restricted Pod Security Standard has it. */
const USER = '65532:65532';

export interface RootContent {
  /** Of the host, as all folders here. */
  readonly konductor: string;
  /** The folder with the credentials. */
  readonly serviceAccount?: string;
  /** A volume that may be written to, at /target. */
  readonly target?: string;
  /** A program that runs executables of another architecture; it is linked statically. */
  readonly emulator?: string;
  /** Nothing else is in the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Skips the test where no such root can be made, and says why. */
export function needEmptyRoots(skip: TestContext['skip']): void {
  const script = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/proc && mount -t proc proc /mnt/proc && chroot /mnt /none`;
  const { error, status, stderr } = spawnSync('unshare', [...UNSHARE, '/bin/sh', '-c', script], { encoding: 'utf8' });
  // 127: chroot came as far as looking for the command.
  skip(status !== 127, `needs the right to mount and to chroot (root on Linux): ${error?.message ?? stderr.trim()}`);
}

/** Its command is a path in that root. Ended with the test, if not before. */
export function startInEmptyRoot(argv: readonly string[], content: RootContent): KoncliProcess {
  const root = makeRoot();
  const command = content.emulator ? [EMULATOR, ...argv] : argv;
  const child = spawn('unshare', [...UNSHARE, '/bin/sh', '-c', scriptFor(root, content), ...command], {
    env: content.env ?? {},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(async () => {
    await endGroup(child);
    rmSync(root, { recursive: true });
  });
  return { process: child, result: resultOf(child) };
}

/** Only mount points: only the process itself sees what is mounted. */
function makeRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'konductor-root-'));
  chmodSync(root, 0o755);
  for (const path of ['/proc', '/konductor', '/target', SERVICE_ACCOUNT]) {
    mkdirSync(join(root, path), { recursive: true });
  }
  writeFileSync(join(root, EMULATOR), '');
  return root;
}

function scriptFor(root: string, { konductor, serviceAccount, target, emulator }: RootContent): string {
  const mounts = [
    [root, ''],
    [konductor, '/konductor'],
    ...(serviceAccount ? [[serviceAccount, SERVICE_ACCOUNT]] : []),
    ...(target ? [[target, '/target']] : []),
    ...(emulator ? [[emulator, EMULATOR]] : []),
  ];
  return [
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ...mounts.map(([from, to]) => `mount --bind '${from}' '${root}${to}'`),
    `mount -t proc proc '${root}/proc'`,
    `mount -o remount,bind,ro '${root}'`,
    `exec chroot --userspec=${USER} '${root}' "$0" "$@"`,
  ].join(' && ');
}
