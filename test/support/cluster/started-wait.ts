// A wait that is under way, as tests of waiting need it.
import type { WaitGroupClient, WaitOptions } from '@konductor/client';

/** Resolves when it has observed the group `batch` for the first time. */
export async function startWait(client: WaitGroupClient, options: WaitOptions = {}) {
  const { promise: hasLooked, resolve } = Promise.withResolvers<void>();
  const waiting = client.wait('batch', { timeoutMs: 60_000, ...options, onProgress: () => resolve() });
  waiting.catch(() => {});
  await Promise.race([hasLooked, waiting]);
  // Within an object, for else `await` would wait for it.
  return { waiting };
}
