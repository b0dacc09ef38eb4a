// Whether somebody still reads what koncli writes: a pipe without a reader is seen by a write, or by asking the system.
import { openCLibrary } from './c-library.ts';

/** https://man7.org/linux/man-pages/man2/poll.2.html */
const POLLERR = 8;
const POLLHUP = 16;
const INTERVAL_MS = 500;

/** Calls `listener` soon after the last reader of a pipe or socket is gone; returns what ends that. Never, where it cannot be told. */
export async function onReaderGone(fd: number, listener: () => void): Promise<() => void> {
  const isGone = await openPoll(fd).catch(() => undefined);
  if (!isGone) return () => {};
  const timer = setInterval(() => isGone() && listener(), INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Undefined where the runtime cannot call the C library: on Node. */
async function openPoll(fd: number): Promise<(() => boolean) | undefined> {
  const library = await openCLibrary({ poll: { args: ['ptr', 'u64', 'i32'], returns: 'i32' } });
  if (!library) return undefined;
  // struct pollfd: the descriptor, the events asked for (none: errors are always told), and those that there are.
  const request = new DataView(new ArrayBuffer(8));
  request.setInt32(0, fd, true);
  return () => {
    request.setInt16(6, 0, true);
    return (
      library.poll(new Uint8Array(request.buffer), 1, 0) > 0 && (request.getInt16(6, true) & (POLLERR | POLLHUP)) !== 0
    );
  };
}
