// The root folder of a container whose image is this machine: its programs, read-only, with some commands put before them,
// and what the kubelet mounts. What is mounted is seen by the container's processes alone.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** First in the PATH that container runtimes set. */
const COMMANDS = '/usr/local/sbin';
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc', '/dev'];
const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child', '--mount', '--uts'] as const;

export interface ImageContent {
  /** A folder of this machine, at /konductor. */
  readonly konductor?: string;
  /** Shell scripts by the names of the commands that they are. */
  readonly commands?: Readonly<Record<string, string>>;
  /** What /bin/sh is; absent: this machine's. */
  readonly shell?: string;
}

export interface ImageRootOptions {
  readonly content: ImageContent;
  /** Folders of this machine, and where they are mounted. */
  readonly mounts: readonly (readonly [string, string])[];
  /** The folder with the credentials. */
  readonly serviceAccount: string;
  /** As `chroot --userspec` takes it. */
  readonly user: string;
}

export class ImageRoot {
  readonly #path = mkdtempSync(join(tmpdir(), 'konductor-image-'));
  readonly #commands = mkdtempSync(join(tmpdir(), 'konductor-commands-'));
  readonly #binds: [string, string][] = [];
  readonly #user: string;

  constructor({ content, mounts, serviceAccount, user }: ImageRootOptions) {
    this.#user = user;
    for (const path of [this.#path, this.#commands]) chmodSync(path, 0o755);
    for (const folder of SYSTEM_FOLDERS) this.#addSystem(folder);
    for (const [name, script] of Object.entries(content.commands ?? {})) this.#addCommand(name, script);
    this.#binds.push([this.#commands, COMMANDS]);
    if (content.shell) this.#binds.push([content.shell, '/bin/sh']);
    const folders = [...(content.konductor ? [[content.konductor, '/konductor'] as const] : []), ...mounts];
    for (const [from, to] of [...folders, [serviceAccount, SERVICE_ACCOUNT] as const]) this.#bind(from, to);
    for (const empty of ['/proc', '/tmp']) mkdirSync(join(this.#path, empty));
  }

  /** What to execute to run a command in it. */
  enter(argv: readonly string[]): [string, ...string[]] {
    const script = [
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      `ROOT='${this.#path}'`,
      'echo "$HOSTNAME" > /proc/sys/kernel/hostname',
      'mount --bind "$ROOT" "$ROOT"',
      ...this.#binds.map(([from, to]) => `mount --rbind '${from}' "$ROOT${to}"`),
      'mount -t proc proc "$ROOT/proc"',
      'mount -o remount,bind,ro "$ROOT"',
      // The PATH of the container is not that of this script.
      `exec chroot --userspec=${this.#user} "$ROOT" /usr/bin/env PATH="$CONTAINER_PATH" "$0" "$@"`,
    ];
    const [command, ...args] = UNSHARE;
    return [command, ...args, '/bin/sh', '-c', `CONTAINER_PATH=$PATH; ${script.join(' && ')}`, ...argv];
  }

  remove(): void {
    for (const path of [this.#path, this.#commands]) rmSync(path, { recursive: true });
  }

  #addSystem(folder: string): void {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) symlinkSync(readlinkSync(folder), join(this.#path, folder));
    else if (stat) this.#bind(folder, folder);
  }

  #addCommand(name: string, script: string): void {
    const path = join(this.#commands, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  }

  #bind(from: string, to: string): void {
    mkdirSync(join(this.#path, to), { recursive: true });
    this.#binds.push([from, to]);
  }
}
