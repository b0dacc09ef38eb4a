// Calls to the C library of the process, for system calls that the runtime does not offer.

type Signatures<Name extends string> = Readonly<
  Record<Name, { readonly args: readonly string[]; readonly returns: string }>
>;
type Functions<Name extends string> = Readonly<Record<Name, (...args: unknown[]) => number>>;

/** The part of `bun:ffi` that this file uses. */
interface BunFfi {
  dlopen<Name extends string>(name: string, signatures: Signatures<Name>): { readonly symbols: Functions<Name> };
}

/** Undefined on Node, which cannot call it. Throws where no library has this name, as on macOS. */
export async function openCLibrary<Name extends string>(
  signatures: Signatures<Name>,
): Promise<Functions<Name> | undefined> {
  if (!('Bun' in globalThis)) return undefined;
  const { dlopen }: BunFfi = await import('bun:ffi' as string);
  // glibc and musl are both found by this name, without a file.
  return dlopen('libc.so.6', signatures).symbols;
}
