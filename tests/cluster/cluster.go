package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// cluster is one control plane: its directory, its ports, and the supervisor of its components.
type cluster struct {
	*supervisor
	options options
	ports   ports
}

func (c *cluster) file(name string) string { return filepath.Join(c.dir, name) }
func (c *cluster) kubeconfig() string      { return c.file("kubeconfig") }
func (c *cluster) server() string          { return "https://127.0.0.1:" + strconv.Itoa(c.ports.api) }
func (c *cluster) etcdURL() string         { return "http://127.0.0.1:" + strconv.Itoa(c.ports.etcd) }

// start brings everything up in the order in which each part needs the one before it.
func (c *cluster) start() error {
	if err := c.writeFiles(); err != nil {
		return err
	}
	if err := c.spawn("etcd", c.etcdFlags()...); err != nil {
		return err
	}
	if err := c.until("etcd to be healthy", 30*time.Second, c.etcdHealthy); err != nil {
		return err
	}
	if err := c.spawn("kube-apiserver", c.apiServerFlags()...); err != nil {
		return err
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	if err := c.until("kube-apiserver to be ready", 120*time.Second, func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}); err != nil {
		return err
	}
	if err := c.spawn("kube-controller-manager", c.controllerFlags()...); err != nil {
		return err
	}
	if err := c.spawn("kube-scheduler", c.schedulerFlags()...); err != nil {
		return err
	}
	if err := c.spawn("kwok", c.kwokFlags()...); err != nil {
		return err
	}
	return c.furnish(client)
}

// furnish creates what a fresh cluster of a real provider has, and waits until pods can be created in it.
func (c *cluster) furnish(client kubernetes.Interface) error {
	for i := range c.options.nodes {
		if err := createNode(client, fmt.Sprintf("node-%d", i)); err != nil {
			return err
		}
	}
	if err := createStorageClass(client); err != nil {
		return err
	}
	if err := c.until("the default ServiceAccount", 60*time.Second, func(ctx context.Context) error {
		return serviceAccountExists(ctx, client)
	}); err != nil {
		return err
	}
	return c.until("all nodes to be ready", 60*time.Second, func(ctx context.Context) error {
		return nodesReady(ctx, client, c.options.nodes)
	})
}

func (c *cluster) client() (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig())
	if err != nil {
		return nil, err
	}
	// Client-side throttling would slow down the polling.
	config.QPS = -1
	return kubernetes.NewForConfig(config)
}

func (c *cluster) etcdHealthy(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.etcdURL()+"/health", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("etcd answers %s", response.Status)
	}
	return nil
}

// writeFiles writes all that the components read: certificates, kubeconfigs, stages, the audit policy.
func (c *cluster) writeFiles() error {
	authority, err := newAuthority(c.dir)
	if err != nil {
		return err
	}
	if err := authority.server("kube-apiserver"); err != nil {
		return err
	}
	if err := authority.serviceAccountKey(); err != nil {
		return err
	}
	if err := authority.kubeconfig(c.kubeconfig(), c.server(), "kubernetes-admin", "system:masters"); err != nil {
		return err
	}
	for file, user := range map[string]string{
		"controllers.kubeconfig": "system:kube-controller-manager",
		"scheduler.kubeconfig":   "system:kube-scheduler",
	} {
		if err := authority.kubeconfig(c.file(file), c.server(), user); err != nil {
			return err
		}
	}
	if err := authority.kubeconfig(c.file("kwok.kubeconfig"), c.server(), "kwok", "system:masters"); err != nil {
		return err
	}
	stages, err := stagesYAML()
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.file("stages.yaml"), stages, 0o644); err != nil {
		return err
	}
	policy := "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: " +
		c.options.audit + "}]\n"
	return os.WriteFile(c.file("audit-policy.yaml"), []byte(policy), 0o644)
}
