// As whom a kubeconfig's user acts: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation.
import { ConnectionError, type RequestHeaders } from './connection.ts';

/** As it stands in a kubeconfig. */
export interface Impersonation {
  readonly as?: string | null;
  readonly 'as-uid'?: string | null;
  readonly 'as-groups'?: readonly string[] | null;
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>> | null;
}

/** All but `as` itself. Throws ConnectionError when there is nobody whose groups they would be. */
export function impersonationHeaders(fields: Impersonation, user: string): RequestHeaders {
  const { as: name, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = fields;
  const headers = {
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': groups }),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [`impersonate-extra-${escapeKey(key)}`, values]),
    ),
  };
  if (name || Object.keys(headers).length === 0) return headers;
  throw new ConnectionError(`user "${user}" of the kubeconfig has as-groups, as-uid or as-user-extra, and no as`);
}

/** Names of headers take no slash, say; they come in lower case. */
function escapeKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, encodeURIComponent);
}
