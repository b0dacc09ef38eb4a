// The README of the chart, which Artifact Hub and "helm show readme" show.
import { values } from './values.ts';
import { valuesTable } from './values-files.ts';

const INTRODUCTION = `<!-- Generated from cdk8s/src by "npm run synth". -->
# Konductor

The operator of Konductor WaitGroups: a counter of outstanding work for any number of workloads, which others wait for. The chart
installs the operator, the CRDs with the policies that guard them, and permissions for the ClusterRoles view, edit and admin.
It requires Kubernetes 1.31 or later; \`hold.mutate\` and \`injection\` require 1.36.

\`\`\`sh
helm install konductor cdk8s/charts/konductor --namespace konductor-system --create-namespace
helm test konductor --namespace konductor-system
\`\`\`

\`helm test\` runs \`koncli doctor\` in a pod that may only read what it checks. If it fails, the pod remains:
\`kubectl logs konductor-doctor -n konductor-system\`.

A cluster has one release: the CRDs, policies and ClusterRoles are objects of the cluster, and Helm rejects a second release, because
they belong to the first.

## WaitGroups in other charts

- Install this chart first. If a chart with WaitGroups is installed in a cluster without their CRD, or contains this chart as a
  subchart, Helm reports \`no matches for kind "WaitGroup"\` and installs nothing, because it looks up all kinds before it creates
  the first object. To install both at once, apply the CRDs before (\`kubectl apply --server-side -f cdk8s/manifests/crd.yaml\`), and set
  \`crds.enabled=false\`.
- A WaitGroup with a \`ttl\` is deleted after its work. The next \`helm upgrade\` of its chart recreates it, with \`initialCount\`
  outstanding again. Leave out the \`ttl\`, or let a Job create the WaitGroup.

## As a subchart

\`\`\`yaml
dependencies:
  - name: konductor
    version: 0.1.0
    repository: file://../konductor
    condition: konductor.enabled
\`\`\`

\`global.imageRegistry\` and \`global.imagePullSecrets\` of the parent apply. With an \`alias\`, the names of the objects stay the same.

## Upgrade

\`\`\`sh
helm upgrade konductor cdk8s/charts/konductor --namespace konductor-system
\`\`\`

- The CRDs are templates, so that an upgrade updates them. \`crds.keep\` keeps them, and all WaitGroups, when the release is uninstalled.
- \`--reuse-values\` keeps the values that were set; values added since have their defaults. \`--reset-then-reuse-values\` does the same with
  every version of the chart.
- After \`kubectl scale\`, Helm 4 reports \`conflict with "kubectl" with subresource "scale"\` and does not upgrade. Set \`replicas\` to the
  same number, or use \`--force-conflicts\`. Helm 3 resets the number to that of the values.

## Values

Unknown and invalid values are rejected by name.

| value | default | |
|---|---|---|
`;

const NOTES = `
\`\`\`yaml
# Several replicas on several nodes, metrics for kube-prometheus-stack over HTTPS, and an own registry.
global:
  imageRegistry: registry.example.com
replicas: 2
podDisruptionBudget:
  enabled: true
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
secureMetrics:
  certManager:
    enabled: true
serviceMonitor:
  enabled: true
  labels:
    release: kube-prometheus-stack
\`\`\`

With \`secureMetrics\`, Prometheus needs the ClusterRole konductor-metrics-reader:

\`\`\`sh
kubectl create clusterrolebinding konductor-metrics --clusterrole=konductor-metrics-reader --serviceaccount=monitoring:prometheus
\`\`\`
`;

/** The text of README.md. */
export const readme = `${INTRODUCTION}${valuesTable(values)}${NOTES}`;
