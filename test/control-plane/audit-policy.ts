// What the API server writes to its audit log: who did what, and the bodies where a WaitGroup is concerned.

/** Source: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/metrics'] },
    { level: 'RequestResponse', resources: [{ group: 'konductor.io' }] },
    { level: 'Metadata' },
  ],
};
