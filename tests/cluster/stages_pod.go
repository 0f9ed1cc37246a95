package main

// The life of a pod: scheduled (Pending) to running, ready, and for those that end, completed or failed.

const (
	injected   = "asked for by a pintle.dev/test- annotation"
	deletion   = ".metadata.deletionTimestamp"
	phase      = ".status.phase"
	readyState = `.status.conditions.[] | select( .type == "Ready" ) | .status`
)

func podStages() []stage {
	pending := []condition{lacks(deletion), in(phase, "Pending"), lacks(annotation("waiting"))}
	prompt := append([]condition{lacks(annotation("ready-after")), lacks(annotation("never-ready"))}, pending...)
	return []stage{
		{
			name: "pod-ready", kind: "Pod", group: "v1",
			when:   prompt,
			status: now + started + conditions("True", "") + gates + initContainers + containers(0, true, running) + addresses,
		},
		{
			name: "pod-slow", kind: "Pod", group: "v1",
			when:   append([]condition{has(annotation("ready-after"))}, pending...),
			status: notReady(running),
		},
		{
			name: "pod-slow-ready", kind: "Pod", group: "v1",
			when: []condition{lacks(deletion), in(phase, "Running"), has(annotation("ready-after")),
				lacks(annotation("never-ready")), in(readyState, "False")},
			after:  &delay{annotation: "ready-after"},
			status: now + conditions("True", "") + gates + containers(0, true, running),
		},
		{
			name: "pod-never-ready", kind: "Pod", group: "v1",
			when: append([]condition{has(annotation("never-ready")), lacks(annotation("ready-after"))},
				pending...),
			status: notReady(running),
		},
		{
			name: "pod-waiting", kind: "Pod", group: "v1",
			when: []condition{lacks(deletion), in(phase, "Pending"), has(annotation("waiting")),
				lacks(".status.containerStatuses")},
			status: waiting,
			event:  "Failed",
		},
	}
}

// endStages end pods: those of Jobs by themselves, all others when they are deleted.
func endStages() []stage {
	done := []condition{lacks(deletion), in(phase, "Running"), in(".spec.restartPolicy", "Never", "OnFailure"),
		lacks(annotation("never-ready")), in(readyState, "True")}
	after := &delay{milliseconds: 200, annotation: "complete-after"}
	return []stage{
		{
			name: "pod-complete", kind: "Pod", group: "v1",
			when:   append([]condition{lacks(annotation("exit"))}, done...),
			after:  after,
			status: now + "phase: Succeeded\n" + conditions("False", "PodCompleted") + containers(0, false, terminated("0", "Completed")),
		},
		{
			name: "pod-fail", kind: "Pod", group: "v1",
			when:   append([]condition{has(annotation("exit"))}, done...),
			after:  after,
			status: now + "phase: Failed\n" + conditions("False", "PodFailed") + containers(0, false, terminated(annotationValue("exit"), "Error")),
		},
		{
			name: "pod-delete", kind: "Pod", group: "v1",
			when:   []condition{has(deletion)},
			after:  &delay{annotation: "terminate-after"},
			remove: true,
		},
	}
}

func notReady(state string) string {
	return now + started + conditions("False", "ContainersNotReady") + initContainers + containers(0, false, state) + addresses
}
