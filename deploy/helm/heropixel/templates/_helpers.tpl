{{- define "heropixel.name" -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "heropixel.selector" -}}
app.kubernetes.io/name: heropixel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "heropixel.labels" -}}
{{ include "heropixel.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What a Deployment and a StatefulSet have in common. */}}
{{- define "heropixel.pod" -}}
metadata:
  labels:
    {{- include "heropixel.labels" . | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add .Values.leaveSeconds .Values.stopSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: heropixel
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      env:
        {{- if eq .Values.mode "embedded" }}
        - name: HEROPIXEL_DATA
          value: /data/heropixel # the server makes it, for itself alone; a volume is open to its group
        {{- end }}
        - name: HEROPIXEL_LEAVE_SECONDS
          value: {{ .Values.leaveSeconds | quote }}
        {{- range $name, $value := .Values.settings }}
        - name: HEROPIXEL_{{ upper $name }}
          value: {{ include "heropixel.text" $value | quote }}
        {{- end }}
        {{- if .Values.existingSecret }}
        {{- $secret := .Values.existingSecret }}
        {{- $embedded := eq .Values.mode "embedded" }}
        {{- range $name, $key := dict "DIRECTORY_URL" .Values.secretKeys.directoryUrl "JOURNAL_URL" .Values.secretKeys.journalUrl "EVENTS_URL" .Values.secretKeys.eventsUrl "KEY" .Values.secretKeys.key }}
        - name: HEROPIXEL_{{ $name }}
          valueFrom:
            secretKeyRef:
              name: {{ $secret }}
              key: {{ $key }}
              {{- if $embedded }}
              optional: true
              {{- end }}
        {{- end }}
        {{- end }}
      ports:
        - name: http
          containerPort: {{ .Values.settings.port | default 8000 }}
      startupProbe:
        httpGet:
          path: /health
          port: http
        periodSeconds: 2
        failureThreshold: 150 # five minutes, for an upgrade of the stores
      livenessProbe:
        httpGet:
          path: /health
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /ready
          port: http
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 2
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop:
            - ALL
      volumeMounts:
        - name: temporary
          mountPath: /tmp
        {{- if eq .Values.mode "embedded" }}
        - name: data
          mountPath: /data
        {{- end }}
  volumes:
    - name: temporary
      emptyDir: {}
  {{- if eq .Values.mode "cluster" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "heropixel.selector" . | nindent 10 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A setting as a variable has it. Helm reads whole numbers as floats, which it would print as 1e+06. */}}
{{- define "heropixel.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- else -}}
{{ . }}
{{- end -}}
{{- end -}}
