package main

import "fmt"

// Pieces of KWOK's templates for an object's status. They are text/template over the object, giving YAML.

const now = "{{ $now := Now }}\n"

const started = "phase: Running\nstartTime: {{ $now | Quote }}\n"

const running = "{running: {startedAt: {{ $now | Quote }}}}"

const gates = `{{ range .spec.readinessGates }}
- {type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }}}
{{ end }}
`

const initContainers = `{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: 0
  ready: true
{{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state: ` + running + `
{{ else }}
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
{{ end }}
{{ end }}
`

const addresses = `{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs: [{ip: {{ index . 0 | Quote }}}]
{{ end }}
{{ with PodIPsWith .spec.nodeName (or .spec.hostNetwork false) (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs: [{ip: {{ index . 0 | Quote }}}]
{{ end }}
`

// waiting is what the kubelet reports of a container that cannot start. One in a crash loop has run before.
const waiting = now + `{{ $reason := index .metadata.annotations "` + annotationPrefix + `waiting" }}
phase: {{ if eq $reason "CrashLoopBackOff" }}Running{{ else }}Pending{{ end }}
startTime: {{ $now | Quote }}
conditions:
- {type: PodReadyToStartContainers, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "False", lastTransitionTime: {{ $now | Quote }}, reason: ContainersNotReady}
- {type: ContainersReady, status: "False", lastTransitionTime: {{ $now | Quote }}, reason: ContainersNotReady}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: {{ if eq $reason "CrashLoopBackOff" }}3{{ else }}0{{ end }}
  ready: false
  started: false
  state: {waiting: {reason: {{ $reason | Quote }}, message: "` + injected + `"}}
{{ if eq $reason "CrashLoopBackOff" }}
  lastState: {terminated: {exitCode: 1, reason: Error, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
{{ end }}
` + addresses

// annotationValue is the value of an annotation, wherever in a template: the dot may be a container by then.
func annotationValue(name string) string {
	return fmt.Sprintf(`{{ index $.metadata.annotations "%s%s" }}`, annotationPrefix, name)
}

// conditions are the pod conditions with Ready and ContainersReady in the given state; templates may append
// more entries straight after.
func conditions(ready, reason string) string {
	if reason != "" {
		reason = ", reason: " + reason
	}
	const line = "- {type: %s, status: %q, lastTransitionTime: {{ $now | Quote }}%s}\n"
	return "conditions:\n" +
		fmt.Sprintf(line, "PodReadyToStartContainers", "True", "") +
		fmt.Sprintf(line, "Initialized", "True", "") +
		fmt.Sprintf(line, "Ready", ready, reason) +
		fmt.Sprintf(line, "ContainersReady", ready, reason)
}

func containers(restarts int, ready bool, state string) string {
	return fmt.Sprintf(`containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  restartCount: %d
  ready: %t
  started: %t
  state: %s
{{ end }}
`, restarts, ready, ready, state)
}

func terminated(exitCode, reason string) string {
	return fmt.Sprintf("{terminated: {exitCode: %s, reason: %s, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}",
		exitCode, reason)
}
