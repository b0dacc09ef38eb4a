// Asks the API server who the caller is and what it is allowed to do. Every authenticated user is allowed to ask.
import type { RequestLimits } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';
import { requestShaped } from './request-shaped.ts';
import { resourcePath } from './resource-path.ts';

/** The caller, as authenticated by the API server. */
export interface SelfReview {
  readonly username: string;
}

/** An action of the caller, in the terms of RBAC. */
export interface AccessRequest {
  readonly namespace: string | undefined;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly name?: string | undefined;
  readonly verb: string;
}

interface SelfSubjectReview {
  readonly status: { readonly userInfo: { readonly username: string } };
}

interface SelfSubjectAccessReview {
  readonly status: { readonly allowed: boolean };
}

/** Requires Kubernetes 1.28: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review */
export async function reviewSelf(transport: KubeTransport, limits: RequestLimits = {}): Promise<SelfReview> {
  const apiVersion = 'authentication.k8s.io/v1';
  const body = { apiVersion, kind: 'SelfSubjectReview' };
  const path = resourcePath({ apiVersion, resource: 'selfsubjectreviews' });
  const request = { method: 'POST', path, body, ...limits } as const;
  const { status } = await requestShaped<SelfSubjectReview>(transport, request, {
    name: 'a SelfSubjectReview',
    isMet: (review) => typeof review.status?.userInfo?.username === 'string',
  });
  return { username: status.userInfo.username };
}

/** Whether the caller is allowed to do this. */
export async function isAllowed(
  transport: KubeTransport,
  resourceAttributes: AccessRequest,
  limits: RequestLimits = {},
): Promise<boolean> {
  const apiVersion = 'authorization.k8s.io/v1';
  const body = { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  const path = resourcePath({ apiVersion, resource: 'selfsubjectaccessreviews' });
  const request = { method: 'POST', path, body, ...limits } as const;
  const { status } = await requestShaped<SelfSubjectAccessReview>(transport, request, {
    name: 'a SelfSubjectAccessReview',
    isMet: (review) => typeof review.status?.allowed === 'boolean',
  });
  return status.allowed;
}
