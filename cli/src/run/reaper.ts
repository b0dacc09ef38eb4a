// Buries what the command leaves behind: as PID 1 koncli is the parent of every orphan, and one that ended stays a zombie
// until its parent asks. The runtimes wait for the children that they started, and for no others.
import { openCLibrary } from '../process/c-library.ts';

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
  const library = await openCLibrary({
    waitid: { args: ['i32', 'i32', 'ptr', 'i32'], returns: 'i32' },
    waitpid: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  });
  if (!library) return undefined;
  const { waitid, waitpid } = library;
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
