// The named templates of the chart, and the expressions that use them.
import { OPERATOR_NAME } from '../../install/operator-deployment.ts';
import { IMAGE_REPOSITORY } from '../../version.ts';

export const FULL_NAME = 'include "konductor.fullname" .';
export const NAMESPACE_VALUE = 'include "konductor.namespace" .';
export const ACCOUNT_NAME = 'include "konductor.serviceAccountName" .';
/** A JSON list, which may be empty. */
export const PULL_SECRET_NAMES = 'include "konductor.imagePullSecretNames" .';
/** Empty if there are none. */
export const PULL_SECRETS = 'include "konductor.imagePullSecrets" .';
/** Empty unless metrics are secured. */
export const CERTIFICATE_SECRET = 'include "konductor.certificateSecret" .';

/** The image of koncli. */
export const KONCLI = `(.Values.koncli).image | default (dict "repository" "${IMAGE_REPOSITORY}/koncli" "pullPolicy" "IfNotPresent")`;
export const imageOf = (value: string) => `include "konductor.image" (list . (${value}))`;

/** The recommended labels of a component, and those of `extra`, an expression. */
export const labelsOf = (component: string, extra = '(dict)') =>
  `include "konductor.labels" (list . "${component}" ${extra})`;

/** The default is true, also where an earlier release did not have the value and `--reuse-values` leaves it out. */
export const unlessFalse = (value: string) => `ne (toString ${value}) "false"`;

/** The text of _helpers.tpl. Values that an earlier release did not have may be missing: `--reuse-values` leaves them out. */
export const helpers = `{{- define "konductor.fullname" -}}
{{ .Values.fullnameOverride | default .Values.nameOverride | default "${OPERATOR_NAME}" }}
{{- end }}

{{- define "konductor.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
{{- end }}

{{- define "konductor.serviceAccountName" -}}
{{- $account := .Values.serviceAccount | default dict -}}
{{- if ${unlessFalse('$account.create')} -}}
{{ $account.name | default (${FULL_NAME}) }}
{{- else -}}
{{ required "serviceAccount.name is required if serviceAccount.create is false" $account.name }}
{{- end }}
{{- end }}

{{- /* [context, component, further labels] */ -}}
{{- define "konductor.labels" -}}
{{- $context := index . 0 -}}
{{- $recommended := dict
  "app.kubernetes.io/name" (printf "konductor-%s" (index . 1))
  "app.kubernetes.io/instance" $context.Release.Name
  "app.kubernetes.io/version" $context.Chart.AppVersion
  "app.kubernetes.io/component" (index . 1)
  "app.kubernetes.io/part-of" "konductor"
  "app.kubernetes.io/managed-by" $context.Release.Service
  "helm.sh/chart" (printf "%s-%s" $context.Chart.Name ($context.Chart.Version | replace "+" "_"))
-}}
{{- toYaml (mergeOverwrite (dict) ($context.Values.commonLabels | default dict) (index . 2 | default dict) $recommended) -}}
{{- end }}

{{- /* [context, image]: its registry is the first part of the repository with a dot or a port, and localhost. */ -}}
{{- define "konductor.image" -}}
{{- $context := index . 0 -}}
{{- $image := index . 1 -}}
{{- $repository := $image.repository -}}
{{- with $image.registry | default ($context.Values.global).imageRegistry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) (regexReplaceAll "^(localhost|[^/]*[.:][^/]*)/" $repository "") -}}
{{- end -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $repository $image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository ($image.tag | default $context.Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "konductor.imagePullSecretNames" -}}
{{- $names := list -}}
{{- range concat ((.Values.global).imagePullSecrets | default list) (.Values.imagePullSecrets | default list) -}}
{{- if kindIs "map" . }}{{ $names = append $names .name }}{{ else }}{{ $names = append $names . }}{{ end -}}
{{- end -}}
{{ toJson (uniq $names) }}
{{- end }}

{{- define "konductor.imagePullSecrets" -}}
{{- range include "konductor.imagePullSecretNames" . | fromJsonArray }}
- name: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "konductor.certificateSecret" -}}
{{- $metrics := .Values.secureMetrics | default dict -}}
{{- if $metrics.certificateSecret -}}
{{ $metrics.certificateSecret }}
{{- else if ($metrics.certManager).enabled -}}
{{ ${FULL_NAME} }}-metrics-tls
{{- end }}
{{- end }}

{{- define "konductor.topologySpreadConstraints" -}}
{{- $own := dict "matchLabels" (dict "app.kubernetes.io/name" "${OPERATOR_NAME}") -}}
{{- range .Values.topologySpreadConstraints }}
- {{ mergeOverwrite (dict) . (dict "labelSelector" (.labelSelector | default $own)) | toYaml | nindent 2 | trim }}
{{- end }}
{{- end }}

{{- define "konductor.egress" -}}
{{- with (.Values.networkPolicy).apiServerPorts }}
- ports:
  {{- range . }}
    - port: {{ . }}
      protocol: TCP
  {{- end }}
{{- end }}
{{- end }}
`;
