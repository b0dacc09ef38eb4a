// What Helm prints after an installation or an upgrade.
import { NAMESPACE } from '../../install/operator-deployment.ts';
import { FULL_NAME, NAMESPACE_VALUE, unlessFalse } from './helpers.ts';

/** The text of NOTES.txt. */
export const notes = `{{- $namespace := ${NAMESPACE_VALUE} -}}
Konductor {{ .Chart.AppVersion }} is installed; its operator is starting. Check it:

  kubectl rollout status -n {{ $namespace }} deployment/{{ ${FULL_NAME} }}
  helm test {{ .Release.Name }} -n {{ .Release.Namespace }}
  koncli doctor
{{- if ne $namespace "${NAMESPACE}" }}

If you cannot list Deployments in all namespaces, pass the namespace of the operator: koncli doctor -n {{ $namespace }}
{{- end }}

Create a WaitGroup, and wait for its work:

  koncli waitgroup create batch
  koncli waitgroup add batch
  koncli waitgroup wait batch

A chart with WaitGroups can be installed only after this one: Helm knows a kind ("no matches for kind") only when its CRD exists.
{{- if ${unlessFalse('(.Values.crds).enabled')} }}
{{- if ${unlessFalse('(.Values.crds).keep')} }}

Uninstalling the release keeps the CRDs and all WaitGroups. To delete them:

  kubectl delete crd waitgroups.konductor.io waitgroupworkers.konductor.io
{{- else }}

Uninstalling the release deletes the CRDs and ALL WaitGroups of the cluster, because crds.keep is false.
{{- end }}
{{- end }}
`;
