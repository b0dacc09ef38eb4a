// What the API server writes to its audit log: who did what, and the bodies where a WaitGroup is concerned, if they are
// wanted.

/** Source: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/. */
export function auditPolicy({ hasBodies }: { readonly hasBodies: boolean }) {
  const bodies = { level: 'RequestResponse', resources: [{ group: 'konductor.io' }] };
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/metrics'] },
      ...(hasBodies ? [bodies] : []),
      { level: 'Metadata' },
    ],
  };
}
