// The headers of requests as another user, whom the caller or the kubeconfig names:
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation.
import { ConnectionError, type RequestHeaders } from './connection.ts';

/** Another user to act as, like --as, --as-uid and --as-group of kubectl. An absent or empty part is that of the kubeconfig. */
export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | null | undefined;
}

/** `extra` has the values of further attributes. Throws ConnectionError for groups, a UID or extra of an unnamed user. */
export function impersonationHeaders(
  { user, uid, groups }: Impersonation,
  extra: Readonly<Record<string, readonly string[]>> = {},
): RequestHeaders {
  const headers = {
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${escapeKey(key)}`, values]),
    ),
  };
  if (user) return { 'impersonate-user': user, ...headers };
  if (Object.keys(headers).length === 0) return headers;
  throw new ConnectionError(
    'requesting uid, groups or user-extra without impersonating a user: name the user with --as',
  );
}

/** Header names accept no slash, for example, and are in lower case here. */
function escapeKey(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9!#$&'*+.^_`|~-]/g, encodeURIComponent);
}
