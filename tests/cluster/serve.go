package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"k8s.io/component-base/version"
)

const (
	auditNone        = "None"
	temporaryPattern = "pintle-cluster-*"
)

type options struct {
	dir              string
	nodes            int
	audit            string
	apiServerFlags   []string
	untilStdinCloses bool
}

func parseOptions(command string, args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("pintle-cluster "+command, flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", "", "directory of the cluster, removed with it (default a temporary one)")
	flags.IntVar(&o.nodes, "nodes", 1, "number of nodes")
	flags.StringVar(&o.audit, "audit", auditNone, "level of the audit log: None, Metadata, Request or RequestResponse")
	flags.BoolVar(&o.untilStdinCloses, "until-stdin-closes", false, "end when stdin closes, as it does when its owner dies")
	flags.Func("apiserver-flag", "one more flag for kube-apiserver, such as --v=2; can be repeated", func(f string) error {
		o.apiServerFlags = append(o.apiServerFlags, f)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}

// serve runs a cluster until it is told to end, its owner is gone, or one of its components dies.
func serve(args []string) int {
	// See supervisor.spawn: the children live as long as this thread.
	runtime.LockOSThread()
	options, err := parseOptions("serve", args)
	if err != nil {
		return fail(err)
	}
	lock, err := options.prepareDir()
	if err != nil {
		return fail(err)
	}
	defer lock.Close()
	defer os.RemoveAll(options.dir)
	wanted, cancel := options.untilUnwanted()
	defer cancel()
	started := time.Now()
	running, err := startCluster(wanted, options)
	if err != nil {
		return fail(err)
	}
	defer running.kill()
	if err := running.announce(time.Since(started)); err != nil {
		return fail(err)
	}
	select {
	case <-wanted.Done():
		return 0
	case death := <-running.died:
		// Put back for kill, which collects one death per child.
		running.died <- death
		return fail(death)
	}
}

// prepareDir makes the directory absolute and ours; without one it makes a temporary one.
func (o *options) prepareDir() (*os.File, error) {
	var err error
	if o.dir == "" {
		sweep(temporaryPattern)
		o.dir, err = os.MkdirTemp("", temporaryPattern)
	} else {
		o.dir, err = filepath.Abs(o.dir)
	}
	if err != nil {
		return nil, err
	}
	return claim(o.dir)
}

// untilUnwanted gives a context that ends with a signal, and with stdin when the owner holds its other end.
func (o *options) untilUnwanted() (context.Context, context.CancelFunc) {
	wanted, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if o.untilStdinCloses {
		go func() {
			// An error ends stdin as well as its end does.
			_, _ = io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
	}
	return wanted, cancel
}

// startCluster starts a cluster on free ports, and again on others when it lost one in the meantime.
func startCluster(wanted context.Context, o options) (*cluster, error) {
	for attempt := 1; ; attempt++ {
		found, err := freePorts()
		if err != nil {
			return nil, err
		}
		c := &cluster{supervisor: newSupervisor(wanted, o.dir), options: o, ports: found}
		err = c.start()
		if err == nil {
			return c, nil
		}
		taken := c.portTaken()
		c.kill()
		if !taken || attempt == 5 {
			return nil, err
		}
		if err := os.RemoveAll(c.file("etcd")); err != nil {
			return nil, err
		}
	}
}

func (c *cluster) announce(took time.Duration) error {
	s := state{
		Dir: c.dir, Kubeconfig: c.kubeconfig(), Server: c.server(), Version: version.Get().GitVersion,
		PID: os.Getpid(), StartupMillis: took.Milliseconds(),
	}
	if err := s.write(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

func fail(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(os.Stderr, "pintle-cluster:", err)
	return 1
}
