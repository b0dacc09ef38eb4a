// Buries what the command leaves behind: as PID 1 koncli is the parent of every orphan, and one that ended stays a zombie
// until its parent asks. The runtimes wait for the children that they started, and for no others.

/** The part of `bun:ffi` that is used here. */
interface BunFfi {
  dlopen(
    name: string,
    symbols: Readonly<Record<string, { readonly args: readonly string[]; readonly returns: string }>>,
  ): { readonly symbols: Readonly<Record<string, (...args: unknown[]) => number>> };
}

// https://man7.org/linux/man-pages/man2/waitid.2.html, as the 64-bit Linux ABIs have it.
const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const SIGINFO_INTS = 32;
const SI_PID = 4;

/** Buries all zombies but that of `child`, whose end the runtime wants to see itself. */
export type Reap = (child: number) => void;

/** Undefined where the runtime cannot call the C library: on Node. */
export async function openReaper(): Promise<Reap | undefined> {
  if (!('Bun' in globalThis)) return undefined;
  const { dlopen }: BunFfi = await import('bun:ffi' as string);
  // glibc and musl both answer to this name, without looking for a file: the process runs on it already.
  const libc = dlopen('libc.so.6', {
    waitid: { args: ['i32', 'i32', 'ptr', 'i32'], returns: 'i32' },
    waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  });
  const { waitid, waitpid } = libc.symbols;
  if (!waitid || !waitpid) return undefined;
  const info = new Int32Array(SIGINFO_INTS);
  return (child) => {
    for (;;) {
      info.fill(0);
      // Looks without taking, so that the child's own end is left alone.
      const failed = waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) !== 0;
      const pid = info[SI_PID] ?? 0;
      if (failed || pid === 0 || pid === child) return;
      waitpid(pid, null, WNOHANG);
    }
  };
}
