// Parses the URL of a proxy, from a kubeconfig or the environment. No message contains its user and password.
import { ConnectionError } from './connection.ts';

const SCHEMES = ['http:', 'https:', 'socks5:', 'socks5h:'];

/** `source` is where the text was found. Throws ConnectionError. */
export function parseProxyUrl(text: string, source: string): URL {
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (!proxy?.hostname || !SCHEMES.includes(proxy.protocol) || !isDecodable(proxy))
    throw new ConnectionError(
      `${source} is not the URL of an http, https or socks5 proxy: write it like http://proxy.example:3128`,
    );
  return proxy;
}

/** Whether user and password are percent-encoded correctly. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
