{{- define "konductor.fullname" -}}
{{ .Values.fullnameOverride | default .Values.nameOverride | default "konductor-operator" }}
{{- end }}

{{- define "konductor.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
{{- end }}

{{- define "konductor.serviceAccountName" -}}
{{- $account := .Values.serviceAccount | default dict -}}
{{- if ne (toString $account.create) "false" -}}
{{ $account.name | default (include "konductor.fullname" .) }}
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
{{ include "konductor.fullname" . }}-metrics-tls
{{- end }}
{{- end }}

{{- define "konductor.topologySpreadConstraints" -}}
{{- $own := dict "matchLabels" (dict "app.kubernetes.io/name" "konductor-operator") -}}
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
