// The time limit of a TCP connection. A host that is down responds to nothing, and the kernel repeats its packets at growing
// intervals, 1, 3, 7 and 15 s after the first one: a new attempt finds a host that is up again sooner.
import { formatMs } from '../core/deadline.ts';
import { startTimer } from '../core/timer.ts';

const CONNECT_TIMEOUT_MS = 8_000;

/** Call the returned function once it is connected. */
export function startConnectTimer(giveUp: (reason: Error) => void): () => void {
  const reason = () => new Error(`no connection within ${formatMs(CONNECT_TIMEOUT_MS)}`);
  return startTimer(CONNECT_TIMEOUT_MS, () => giveUp(reason()));
}
