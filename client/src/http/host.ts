// The host of a URL as sockets want it.

/** Brackets belong to the URL of an IPv6 address, not to its host. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
