package main

import "strconv"

// The flags of each component. All of it listens on the loopback address only, and what a single short-lived
// control plane does not need (leader election, fsync, the components' own ports) is off.

func (c *cluster) etcdFlags() []string {
	peer := "http://127.0.0.1:" + strconv.Itoa(c.ports.peer)
	return []string{
		"--name=etcd",
		"--data-dir=" + c.file("etcd"),
		"--listen-client-urls=" + c.etcdURL(),
		"--advertise-client-urls=" + c.etcdURL(),
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=etcd=" + peer,
		"--unsafe-no-fsync",
		"--log-level=warn",
	}
}

func (c *cluster) apiServerFlags() []string {
	flags := []string{
		"--etcd-servers=" + c.etcdURL(),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(c.ports.api),
		// A Service's endpoints may not be loopback addresses, so `kubernetes` is left without any.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file=" + c.file("kube-apiserver.crt"),
		"--tls-private-key-file=" + c.file("kube-apiserver.key"),
		"--client-ca-file=" + c.file("ca.crt"),
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--service-cluster-ip-range=" + serviceRange,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + c.file("sa.key"),
		"--service-account-signing-key-file=" + c.file("sa.key"),
		// Nodes would stay tainted until the node lifecycle controller, which is off, has seen them.
		"--disable-admission-plugins=TaintNodesByCondition",
		"--shutdown-delay-duration=0s",
		"--v=0",
	}
	if c.options.audit != auditNone {
		flags = append(flags, "--audit-policy-file="+c.file("audit-policy.yaml"),
			"--audit-log-path="+c.file("audit.log"), "--audit-log-maxsize=500")
	}
	return append(flags, c.options.apiServerFlags...)
}

func (c *cluster) controllerFlags() []string {
	return append(clientFlags(c.file("controllers.kubeconfig")),
		// Nodes here do not fail, and a machine that was suspended must not lose its pods for it.
		"--controllers=*,-node-lifecycle-controller,-node-ipam-controller,-node-route-controller,"+
			"-cloud-node-lifecycle-controller,-service-lb-controller,-bootstrap-signer-controller,-token-cleaner-controller",
		"--service-account-private-key-file="+c.file("sa.key"),
		"--root-ca-file="+c.file("ca.crt"),
		"--cluster-signing-cert-file="+c.file("ca.crt"),
		"--cluster-signing-key-file="+c.file("ca.key"),
		"--use-service-account-credentials=true",
		"--service-cluster-ip-range="+serviceRange,
		"--kube-api-qps=200",
		"--kube-api-burst=400",
	)
}

func (c *cluster) schedulerFlags() []string {
	return append(clientFlags(c.file("scheduler.kubeconfig")), "--kube-api-qps=200", "--kube-api-burst=400")
}

func (c *cluster) kwokFlags() []string {
	return []string{
		"--kubeconfig=" + c.file("kwok.kubeconfig"),
		"--config=" + c.file("stages.yaml"),
		"--manage-all-nodes=true",
		"--cidr=10.0.0.1/24",
		"--node-ip=10.0.0.1",
	}
}

func clientFlags(kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--v=0",
	}
}
