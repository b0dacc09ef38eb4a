// The headers of a kubeconfig's user who acts as another: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation.
import { ConnectionError, type RequestHeaders } from './connection.ts';
import type { KubeconfigEntry } from './kubeconfig-files.ts';

/** Throws ConnectionError when nobody is named whose groups they would be. */
export function impersonationHeaders(user: KubeconfigEntry): RequestHeaders {
  const [name, uid] = [user.text('as'), user.text('as-uid')];
  const { 'as-groups': groups, 'as-user-extra': extra } = user.fields as ImpersonationFields;
  const headers = {
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': groups }),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [`impersonate-extra-${escapeKey(key)}`, values]),
    ),
  };
  if (name) return { 'impersonate-user': name, ...headers };
  if (Object.keys(headers).length === 0) return headers;
  throw new ConnectionError(
    `user "${user.name}" of the kubeconfig has as-groups, as-uid or as-user-extra but no as: name the user to act as`,
  );
}

interface ImpersonationFields {
  readonly 'as-groups'?: readonly string[] | null;
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>> | null;
}

/** Header names accept no slash, for example, and are in lower case here. */
function escapeKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, encodeURIComponent);
}
