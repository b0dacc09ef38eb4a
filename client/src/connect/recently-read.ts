// Keeps what was read from files for a short while, because kubelets and login tools rotate tokens and certificates in place.

/** Rotation happens well before expiry: client-go reads a token file again after a minute. */
const MAX_AGE_MS = 10_000;

/** `get` calls `read` when its last result is older than 10 seconds or was forgotten; an error of `read` is not kept. */
export function recentlyRead<T>(read: () => T) {
  let held: { readonly result: T; readonly readAt: number } | undefined;
  return {
    get(): T {
      if (!held || performance.now() - held.readAt >= MAX_AGE_MS) held = { result: read(), readAt: performance.now() };
      return held.result;
    },
    forget(): void {
      held = undefined;
    },
  };
}
