{{/* Labels of an object of this chart: (dict "root" $ "component" "controller") */}}
{{- define "corral.labels" -}}
app.kubernetes.io/name: corral
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: corral
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* What selects the pods of one role; never changes. */}}
{{- define "corral.selector" -}}
app.kubernetes.io/name: corral
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The same for network policies, which the guard wants to leave plugin pods out by their selector. */}}
{{- define "corral.networkSelector" -}}
matchLabels:
  {{- include "corral.selector" . | nindent 2 }}
matchExpressions: [{key: corral.dev/plugin-pod, operator: DoesNotExist}]
{{- end }}

{{/* What the names of this installation's cluster-scoped objects end in. */}}
{{- define "corral.suffix" -}}
{{- if and .Release.Namespace (ne .Release.Namespace "corral-system") }}.{{ .Release.Namespace }}{{ end }}
{{- end }}

{{/* The CorralCluster that this installation writes. In a namespace named cluster that would be the one of corral-system. */}}
{{- define "corral.clusterName" -}}
{{- if eq .Release.Namespace "cluster" }}{{ fail "the CorralCluster named cluster is that of namespace corral-system: install Corral into a namespace of another name" }}{{ end }}
{{- if eq .Release.Namespace "corral-system" }}cluster{{ else }}{{ .Release.Namespace }}{{ end }}
{{- end }}

{{/* Account names as admission sees them. */}}
{{- define "corral.controllerUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:corral-controller
{{- end }}
{{- define "corral.gatewayUser" -}}
system:serviceaccount:{{ .Release.Namespace }}:corral-gateway
{{- end }}

{{/*
The controller, or the gateway, of any installation, as a CEL condition: guards hold in every namespace, whoever serves it, and where each
installation may write is said by its own corral-own-namespaces. A name alone anybody can have; the right comes with the chart's ClusterRole.
*/}}
{{- define "corral.isController" -}}
{{ include "corral.isAccount" (dict "user" (include "corral.controllerUser" .) "account" "corral-controller" "right" "control") }}
{{- end }}
{{- define "corral.isGateway" -}}
{{ include "corral.isAccount" (dict "user" (include "corral.gatewayUser" .) "account" "corral-gateway" "right" "serve") }}
{{- end }}
{{- define "corral.isAccount" -}}
request.userInfo.username == '{{ .user }}'
|| request.userInfo.username.startsWith('system:serviceaccount:') && request.userInfo.username.endsWith(':{{ .account }}')
&& authorizer.group('corral.dev').resource('installations').check('{{ .right }}').allowed()
{{- end }}

{{/* The value namespaces as a CEL condition on variables.labels; nothing selects every namespace. */}}
{{- define "corral.selects" -}}
{{- $all := list }}
{{- range $key, $value := .matchLabels }}
{{- $all = append $all (printf "'%s' in variables.labels && variables.labels['%s'] == '%s'" $key $key $value) }}
{{- end }}
{{- range .matchExpressions }}
{{- $there := printf "'%s' in variables.labels" .key }}
{{- $listed := printf "%s && variables.labels['%s'] in ['%s']" $there .key (join "', '" .values) }}
{{- $all = append $all (index (dict "In" $listed "NotIn" (printf "!(%s)" $listed) "Exists" $there "DoesNotExist" (printf "!(%s)" $there)) .operator) }}
{{- end }}
{{- if $all }}{{ join " && " $all }}{{ else }}true{{ end }}
{{- end }}

{{/* Whom the guards let pass, as a CEL list. */}}
{{- define "corral.exemptUsers" -}}
[{{- range $i, $user := .Values.guard.exemptUsers }}{{ if $i }}, {{ end }}'{{ $user }}'{{ end -}}]
{{- end }}

{{/* The control plane and the nodes: scheduler, garbage collector, namespace controller, kubelets. As a CEL condition. */}}
{{- define "corral.isClusterItself" -}}
request.userInfo.username.startsWith('system:serviceaccount:kube-system:')
|| request.userInfo.username in ['system:kube-scheduler', 'system:kube-controller-manager', 'system:apiserver']
|| 'system:nodes' in request.userInfo.?groups.orValue([])
{{- end }}

{{/* Keys of the labels a plugin pod may have, as the beginning of a regular expression: ours, opt-outs of injectors, the node's, and those of network plugins. */}}
{{- define "corral.podLabelKeys" -}}
(corral[.]dev/|app[.]kubernetes[.]io/managed-by|topology[.]kubernetes[.]io/|sidecar[.]istio[.]io/|istio[.]io/|kuma[.]io/|admission[.]datadoghq[.]com/|io[.]cilium[.]|io[.]kubernetes[.]pod[.]|projectcalico[.]org/|pcns[.]|pcsa[.])
{{- end }}

{{/* One term of a selector of Calico, as a regular expression; _ may be blanks, ~ must be. A literal that no label could equal is not read. */}}
{{- define "corral.calicoTerm" -}}
{{- $key := `[\w./-]+` }}
{{- $literal := `('[\w.-]*'|"[\w.-]*")` }}
{{- $terms := list
  (printf `!?_has\(_%s_\)` $key)
  (printf `%s_[=!]=_%s` $key $literal)
  (printf `%s~(not~)?in_\{_%s(_,_%s)*_\}` $key $literal $literal)
  (printf `%s~(contains|starts~with|ends~with)_%s` $key $literal)
  `(all|global)\(_\)` }}
{{- printf `_(%s)_` (join "|" $terms) | replace "_" `[ \t]*` | replace "~" `[ \t]+` }}
{{- end }}

{{/* Our own pods are as hardened as those we make. */}}
{{- define "corral.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "corral.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Health is the same for both roles; Java gets three minutes to start: on a starved node a shorter patience only starts it again and again. */}}
{{- define "corral.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 10
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 5
{{- end }}

{{/* Who and where we are, for both roles. */}}
{{- define "corral.identity" -}}
- name: CORRAL_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: CORRAL_POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- end }}

{{/* The store refuses to grow beyond four fifths of its volume: a full disk would lose what is being written. */}}
{{- define "corral.storeBytes" -}}
{{- $size := .Values.gateway.store.size }}
{{- $unit := index (dict "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776) (regexFind "[MGT]i$" $size) }}
{{- div (mul (regexFind "^[0-9]+" $size | int64) $unit 4) 5 }}
{{- end }}

{{/*
An egress rule for the API server. It is named by port, and so opens these ports of every address, unless apiServer.ranges says where it is:
behind the service address stand node addresses, and CNIs differ in which they match.
*/}}
{{- define "corral.apiServerEgress" -}}
- ports:
  {{- range .Values.apiServer.ports }}
    - {port: {{ . }}, protocol: TCP}
  {{- end }}
  {{- with .Values.apiServer.ranges }}
  to:
    {{- range . }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  {{- end }}
{{- end }}

{{/* Blocks no host name leads to, as a list: PublicAddresses.java has the same, and a test compares. */}}
{{- define "corral.egressExcept" -}}
{{- $four := list "0.0.0.0/8" "10.0.0.0/8" "100.64.0.0/10" "127.0.0.0/8" "168.63.129.16/32" "169.254.0.0/16" "172.16.0.0/12" "192.0.0.0/24" "192.168.0.0/16" "198.18.0.0/15" "224.0.0.0/4" "240.0.0.0/4" }}
{{- $six := list "::/3" "2001::/32" "2002::/16" "4000::/2" "8000::/1" }}
{{- range ternary $six $four .six }}
- {{ . | quote }}
{{- end }}
{{- $all := .six }}
{{- range .ranges }}
{{- if eq (contains ":" .) $all }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where the pods of one role may land. */}}
{{- define "corral.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Labels and annotations of one role's pods, ours first; the schema keeps others' from being ours: (dict "root" $ "component" "controller"). */}}
{{- define "corral.podMarks" -}}
{{- $role := get .root.Values .component -}}
labels:
  {{- include "corral.labels" . | nindent 2 }}
  {{- with $role.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $role.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
