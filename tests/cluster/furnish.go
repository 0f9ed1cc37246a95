package main

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
)

func createNode(client kubernetes.Interface, name string) error {
	size := core.ResourceList{
		core.ResourceCPU:              resource.MustParse("64"),
		core.ResourceMemory:           resource.MustParse("512Gi"),
		core.ResourceEphemeralStorage: resource.MustParse("1Ti"),
		core.ResourcePods:             resource.MustParse("1000"),
	}
	node := &core.Node{
		ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{
			core.LabelHostname:   name,
			core.LabelOSStable:   "linux",
			core.LabelArchStable: "amd64",
		}},
		Status: core.NodeStatus{
			Capacity:    size,
			Allocatable: size,
			NodeInfo: core.NodeSystemInfo{
				Architecture: "amd64", OperatingSystem: "linux", KubeletVersion: version.Get().GitVersion},
		},
	}
	_, err := client.CoreV1().Nodes().Create(context.Background(), node, meta.CreateOptions{})
	if err != nil {
		return fmt.Errorf("failed to create node %s: %w", name, err)
	}
	return nil
}

// createStorageClass creates the default class, whose volumes KWOK provisions (stages_cloud.go).
func createStorageClass(client kubernetes.Interface) error {
	class := &storage.StorageClass{
		ObjectMeta: meta.ObjectMeta{Name: storageClass, Annotations: map[string]string{
			"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: provisioner,
	}
	_, err := client.StorageV1().StorageClasses().Create(context.Background(), class, meta.CreateOptions{})
	if err != nil {
		return fmt.Errorf("failed to create storage class %s: %w", storageClass, err)
	}
	return nil
}

func serviceAccountExists(ctx context.Context, client kubernetes.Interface) error {
	_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", meta.GetOptions{})
	return err
}

func nodesReady(ctx context.Context, client kubernetes.Interface, want int) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, meta.ListOptions{})
	if err != nil {
		return err
	}
	ready := 0
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == core.NodeReady && condition.Status == core.ConditionTrue {
				ready++
			}
		}
	}
	if ready < want {
		return fmt.Errorf("%d of %d nodes ready", ready, want)
	}
	return nil
}
