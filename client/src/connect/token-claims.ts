// What a ServiceAccount token says of its account and of the pod that it is bound to. The API server alone verifies it.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
import type { PodReference } from '@konductor/schema';

export interface TokenClaims {
  /** The namespace of the account. */
  readonly namespace: string | undefined;
  readonly pod: PodReference | undefined;
}

/** Both are undefined for another kind of token. */
export function claimsOf(token: string): TokenClaims {
  const claims = decode(token);
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(String(claims?.sub)) ?? [];
  const { name, uid } = claims?.['kubernetes.io']?.pod ?? {};
  return { namespace, pod: isText(name) && isText(uid) ? { name, uid } : undefined };
}

interface Claims {
  readonly sub?: unknown;
  readonly 'kubernetes.io'?: { readonly pod?: { readonly name?: unknown; readonly uid?: unknown } | null } | null;
}

function decode(token: string): Claims | null {
  const [, claims = ''] = token.split('.');
  try {
    return JSON.parse(Buffer.from(claims, 'base64url').toString());
  } catch {
    return null;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
