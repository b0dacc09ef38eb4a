// Keeps what was read from files for a short while, because kubelets and login tools rotate tokens and certificates in place.

/** Rotation happens well before expiry: client-go reads a token file again after a minute. */
const MAX_AGE_MS = 10_000;

/**
 * `get` calls `read` when its last result is older than 10 seconds or was marked by `renew`. A result is kept while `read`
 * fails, because a file may be missing while it is replaced.
 */
export function recentlyRead<T>(read: () => T) {
  let held: { readonly result: T } | undefined;
  let freshUntilMs = 0;
  return {
    get(): T {
      if (held && performance.now() < freshUntilMs) return held.result;
      try {
        held = { result: read() };
        freshUntilMs = performance.now() + MAX_AGE_MS;
      } catch (error) {
        if (!held) throw error;
      }
      return held.result;
    },
    renew(): void {
      freshUntilMs = 0;
    },
  };
}
