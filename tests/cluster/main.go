// Command pintle-cluster is a whole Kubernetes control plane in one file: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, and KWOK for the nodes and pods. `pintle-cluster serve` runs
// all of them as its children; every other sub-command is one of those components under its own name.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const usage = `usage: pintle-cluster serve [--dir DIR] [--nodes N] [--audit LEVEL] [--until-stdin-closes]
       pintle-cluster up --dir DIR [--nodes N] [--audit LEVEL]
       pintle-cluster down|status --dir DIR
       pintle-cluster etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kwok [FLAGS]`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	os.Exit(run(os.Args[1], os.Args[2:]))
}

// run dispatches to one component. The components parse os.Args themselves, so it is rewritten as if the
// component's own binary had been started.
func run(name string, args []string) int {
	os.Args = append([]string{name}, args...)
	switch name {
	case "serve":
		return serve(args)
	case "up":
		return up(args)
	case "down":
		return down(args)
	case "status":
		return status(args)
	case "etcd":
		etcdmain.Main(os.Args)
		return 0
	case "kube-apiserver":
		return cli.Run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		return cli.Run(controllers.NewControllerManagerCommand())
	case "kube-scheduler":
		return cli.Run(scheduler.NewSchedulerCommand())
	case "kwok":
		return kwok()
	default:
		fmt.Fprintf(os.Stderr, "pintle-cluster: unknown command %q\n%s\n", name, usage)
		return 2
	}
}
