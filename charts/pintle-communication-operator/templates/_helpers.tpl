{{- define "octo.fullname" -}}
{{- $name := default "communication-operator" .Values.nameOverride -}}
{{- default (printf "%s-%s" .Release.Name $name | lower) .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- /* A Deployment's selector can't be changed: these are the labels that the upstream chart gave it. */ -}}
{{- define "octo.selectorLabels" -}}
app.kubernetes.io/name: {{ default "octo-mesh-communication-operator" .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "octo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "octo.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "octo.image" -}}
{{- with .Values.image.privateRegistry }}{{ . }}/{{ end -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* The environment variable of a setting. */ -}}
{{- define "octo.variable" -}}
OPERATOR__{{ . | upper | replace "." "__" }}
{{- end }}

{{- /* Settings that are no secret, by environment variable. */ -}}
{{- define "octo.settings" -}}
{{- $operator := .Values.operator }}
{{- $plain := dict
  "AutoManagePools" $operator.autoManagePools
  "CommunicationControllerUri" $operator.communicationControllerUri
  "PoolNamespace" $operator.poolNamespace
  "WatchNamespace" $operator.watchNamespace
  "InstancePrefix" $operator.instancePrefix
  "ReportingServiceUri" $operator.reportingServiceUri
  "ImageRegistry" $operator.imageRegistry
  "Ingress.ClassName" $operator.ingress.className
  "Ingress.ClusterIssuer" $operator.ingress.clusterIssuer
  "Ingress.Tls" $operator.ingress.tls
}}
{{- range $name, $value := $operator.clusterDependencies }}
{{- $_ := set $plain (printf "ClusterDependencies.%s" $name) $value }}
{{- end }}
{{- range $index, $name := keys $operator.ingress.annotations | sortAlpha }}
{{- $_ := set $plain (printf "Ingress.Annotations.%d.Name" $index) $name }}
{{- $_ := set $plain (printf "Ingress.Annotations.%d.Value" $index) (index $operator.ingress.annotations $name) }}
{{- end }}
{{- $plain = mergeOverwrite $plain $operator.settings }}
{{- range $name := keys $plain | sortAlpha }}
{{- $value := index $plain $name }}
{{- if ne (toString $value) "" }}
{{ include "octo.variable" $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Secret settings, by environment variable, in base64. */ -}}
{{- define "octo.secretSettings" -}}
{{- $secret := dict "RootCaCertificate" .Values.secrets.rootCa }}
{{- if and .Values.broker.username .Values.broker.password }}
{{- $_ := set $secret "BrokerUser" .Values.broker.username }}
{{- $_ := set $secret "BrokerPassword" .Values.broker.password }}
{{- end }}
{{- range $name, $value := .Values.operator.clusterSecrets }}
{{- $_ := set $secret (printf "ClusterSecrets.%s" $name) $value }}
{{- end }}
{{- $secret = mergeOverwrite $secret .Values.operator.secretSettings }}
{{- range $name := keys $secret | sortAlpha }}
{{- $value := index $secret $name }}
{{- if ne (toString $value) "" }}
{{ include "octo.variable" $name }}: {{ $value | toString | b64enc | quote }}
{{- end }}
{{- end }}
{{- end }}
