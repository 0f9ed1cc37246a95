package main

// What surrounds pods in a real cluster: nodes that report ready, and a cloud that hands out volumes and
// load balancer addresses, for both of which Helm waits.

const (
	storageClass = "standard"
	provisioner  = "pintle.dev/test"
)

const nodeConditions = `conditions:
{{ range NodeConditions }}
- {type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}, message: {{ .message | Quote }}, lastHeartbeatTime: {{ $now | Quote }}, lastTransitionTime: {{ $now | Quote }}}
{{ end }}
`

const nodeAddresses = `addresses:
{{ with NodeIP }}
- {type: InternalIP, address: {{ . | Quote }}}
{{ end }}
{{ with NodeName }}
- {type: Hostname, address: {{ . | Quote }}}
{{ end }}
`

const volume = `apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: ` + provisioner + `
spec:
  accessModes:
  {{ YAML .spec.accessModes 2 }}
  capacity:
  {{ YAML .spec.resources.requests 2 }}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ .spec.storageClassName | Quote }}
  volumeMode: {{ or .spec.volumeMode "Filesystem" | Quote }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  hostPath:
    path: /var/lib/volumes/pvc-{{ .metadata.uid }}
    type: DirectoryOrCreate
`

func nodeStages() []stage {
	return []stage{{
		name: "node-ready", kind: "Node", group: "v1",
		when:   []condition{notIn(readyState, "True")},
		status: now + "phase: Running\n" + nodeConditions + nodeAddresses,
	}}
}

func cloudStages() []stage {
	return []stage{
		{
			name: "claim-provision", kind: "PersistentVolumeClaim", group: "v1",
			when: []condition{lacks(deletion), in(phase, "Pending"), lacks(".spec.volumeName"),
				in(`.metadata.annotations["volume.kubernetes.io/storage-provisioner"]`, provisioner)},
			apply: volume,
		},
		{
			name: "volume-delete", kind: "PersistentVolume", group: "v1",
			when: []condition{lacks(deletion), in(phase, "Released"),
				in(`.metadata.annotations["pv.kubernetes.io/provisioned-by"]`, provisioner)},
			remove: true,
		},
		{
			name: "service-address", kind: "Service", group: "v1",
			when: []condition{lacks(deletion), in(".spec.type", "LoadBalancer"),
				lacks(".status.loadBalancer.ingress"), lacks(annotation("no-address"))},
			status: "loadBalancer: {ingress: [{ip: 192.0.2.1}]}\n",
		},
	}
}
