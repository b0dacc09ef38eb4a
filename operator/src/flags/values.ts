// Parses the values of flags. A name that no object can have is rejected here: the API server would accept it and never
// find anything.
import { isDnsLabel, isDnsSubdomain, parseDuration } from '@konductor/schema';
import { InvalidArgumentError } from 'commander';

export interface BindAddress {
  /** Absent: all interfaces. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Addresses as controller-runtime takes them: `:8080`, `127.0.0.1:0`, `[::1]:8081`; `off` for `0`. */
export function bindAddress(text: string): BindAddress | 'off' {
  if (text === '0') return 'off';
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw new InvalidArgumentError('Expected an address such as :8080 or 127.0.0.1:8080, or 0.');
  const host = bracketed || plain;
  return host ? { host, port } : { port };
}

export function milliseconds(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError('Expected a duration such as 15s or 500ms.');
  return Number(parsed.nanoseconds) / 1e6;
}

export function watchedNamespace(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new InvalidArgumentError('Expected the name of one namespace; omit the flag to watch all namespaces.');
}

export function namespaceName(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new InvalidArgumentError('Expected the name of a namespace.');
}

export function leaseName(text: string): string {
  if (isDnsSubdomain(text)) return text;
  throw new InvalidArgumentError('Expected a name of lowercase letters, digits, hyphens and dots.');
}
