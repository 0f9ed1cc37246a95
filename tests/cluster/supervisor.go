package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// supervisor starts the components as children of this process and knows when one of them ends.
type supervisor struct {
	dir      string
	children []*exec.Cmd
	died     chan error
	wanted   context.Context
}

// newSupervisor takes a context that ends when the cluster is no longer wanted.
func newSupervisor(wanted context.Context, dir string) *supervisor {
	return &supervisor{dir: dir, died: make(chan error, 16), wanted: wanted}
}

var errUnwanted = errors.New("told to end")

// spawn starts one component of this same binary. The kernel kills the child when the thread that started
// it ends, so this has to be called on a thread that lives as long as the process: the main goroutine's,
// which main locks to its thread.
func (s *supervisor) spawn(name string, args ...string) error {
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, name+".log")
	log, err := os.Create(path)
	if err != nil {
		return err
	}
	defer log.Close()
	child := exec.Command(binary, append([]string{name}, args...)...)
	child.Dir = s.dir
	child.Stdout, child.Stderr = log, log
	child.Env = append(os.Environ(), "GOGC=60", "OTEL_TRACES_EXPORTER=none")
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := child.Start(); err != nil {
		return fmt.Errorf("%s did not start: %w", name, err)
	}
	s.children = append(s.children, child)
	go func() {
		err := child.Wait()
		s.died <- fmt.Errorf("%s ended (%v); its log %s ends with:\n%s", name, err, path, tail(path, 5))
	}()
	return nil
}

// until repeats a check until it succeeds. It gives up at the timeout, and at once when a component has died.
func (s *supervisor) until(what string, timeout time.Duration, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(s.wanted, timeout)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if s.wanted.Err() != nil {
			return fmt.Errorf("waiting for %s: %w", what, errUnwanted)
		}
		select {
		case death := <-s.died:
			// Put back for kill, which collects one death per child.
			s.died <- death
			return fmt.Errorf("waiting for %s: %w", what, death)
		case <-ctx.Done():
			return fmt.Errorf("%s not seen after %s: %w; logs are in %s", what, timeout, err, s.dir)
		case <-ticker.C:
		}
	}
}

// kill ends all children at once. Nothing they hold is worth a graceful end: the directory goes with them.
func (s *supervisor) kill() {
	for _, child := range s.children {
		// The only failure is that it has ended already.
		_ = child.Process.Kill()
	}
	for range s.children {
		<-s.died
	}
	s.children = nil
}

// portTaken says whether a component's log shows that it lost the race for its port.
func (s *supervisor) portTaken() bool {
	logs, err := filepath.Glob(filepath.Join(s.dir, "*.log"))
	if err != nil {
		return false
	}
	for _, log := range logs {
		if strings.Contains(tail(log, 20), "address already in use") {
			return true
		}
	}
	return false
}

func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
