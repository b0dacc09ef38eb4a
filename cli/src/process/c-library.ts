// The C library that the process runs on already, called where the runtime has no function for what is needed.

type Signatures<Name extends string> = Readonly<
  Record<Name, { readonly args: readonly string[]; readonly returns: string }>
>;
type Functions<Name extends string> = Readonly<Record<Name, (...args: unknown[]) => number>>;

/** The part of `bun:ffi` that is used here. */
interface BunFfi {
  dlopen<Name extends string>(name: string, signatures: Signatures<Name>): { readonly symbols: Functions<Name> };
}

/** Undefined on Node, which cannot call it. Throws where there is none of this name, as on macOS. */
export async function openCLibrary<Name extends string>(
  signatures: Signatures<Name>,
): Promise<Functions<Name> | undefined> {
  if (!('Bun' in globalThis)) return undefined;
  const { dlopen }: BunFfi = await import('bun:ffi' as string);
  // glibc and musl both answer to this name, without looking for a file.
  return dlopen('libc.so.6', signatures).symbols;
}
