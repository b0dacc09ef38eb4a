// Reaps the orphans of the command: PID 1 is the parent of every orphan, which stays a zombie until its parent waits for it.
// The runtimes wait only for children that they started.
import { openCLibrary } from '../../process/c-library.ts';

// https://man7.org/linux/man-pages/man2/waitid.2.html, as the 64-bit Linux ABIs have it.
const P_ALL = 0;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const SIGINFO_INTS = 32;
const SI_PID = 4;

/** Reaps all zombies except `child`, which the runtime waits for. */
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
      // Looks without reaping, so that the runtime still sees the end of the child.
      const failed = waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) !== 0;
      const pid = info[SI_PID] ?? 0;
      if (failed || pid === 0 || pid === child) return;
      waitpid(pid, null, WNOHANG);
    }
  };
}
