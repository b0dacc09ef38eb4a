// What a proxy is named by, in a kubeconfig or a variable of the environment. Its user and password are in no message.
import { ConnectionError } from './connection.ts';

const SCHEMES = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** `source` is where the text stands. Throws ConnectionError. */
export function parseProxyUrl(text: string, source: string): URL {
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (!proxy?.hostname || !SCHEMES.includes(proxy.protocol) || !isEscaped(proxy))
    throw new ConnectionError(
      `${source} names no http, https or socks5 proxy: write it like http://proxy.example:3128`,
    );
  return proxy;
}

/** User and password can be told. */
function isEscaped({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
