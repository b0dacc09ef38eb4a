// The addresses that controllers take on the command line: `:8080`, `127.0.0.1:0`, `[::1]:8081`; `0` turns a server off.

export interface BindAddress {
  /** Absent: all interfaces. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

/** `off` for `0`; undefined for what is no address. */
export function parseBindAddress(text: string): BindAddress | 'off' | undefined {
  if (text === '0') return 'off';
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  const host = bracketed || plain;
  return host ? { host, port } : { port };
}
